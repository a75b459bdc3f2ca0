"""The host of pluggy's documentation, in one file: what the program of this folder was before."""

import itertools

import pluggy

hookspec = pluggy.HookspecMarker("eggsample")
hookimpl = pluggy.HookimplMarker("eggsample")


class Specs:
    @hookspec
    def add_ingredients(self, ingredients):
        """Return more ingredients. `ingredients` are those there are."""

    @hookspec
    def prep_condiments(self, condiments):
        """Change the condiments, and return a comment."""


class Lib:
    @hookimpl
    def add_ingredients(self):
        return ["salt", "pepper", "egg", "egg"]

    @hookimpl
    def prep_condiments(self, condiments):
        condiments["mint sauce"] = 1


class Spam:
    @hookimpl
    def add_ingredients(self, ingredients):
        if "egg" in ingredients:
            return ["lovely spam", "wonderous spam"]
        return ["splendiferous spam", "magnificent spam"]

    @hookimpl
    def prep_condiments(self, condiments):
        condiments.pop("steak sauce", None)
        condiments["spam sauce"] = 42
        return "now this is what I call a condiments tray!"


class Louder:
    @hookimpl(wrapper=True)
    def add_ingredients(self):
        outcome = yield
        return [[name.upper() for name in names] for names in outcome]


def main():
    pm = pluggy.PluginManager("eggsample")
    pm.add_hookspecs(Specs)
    pm.register(Lib())
    pm.register(Spam())

    added = pm.hook.add_ingredients(ingredients=("egg", "bacon"))
    print("ingredients:", ", ".join(itertools.chain(*added)))
    condiments = {"pickled walnuts": 13, "steak sauce": 4}
    comments = pm.hook.prep_condiments(condiments=condiments)
    print("condiments:", ", ".join(f"{name} {count}" for name, count in sorted(condiments.items())))
    print("comments:", ", ".join(comments))

    pm.register(Louder())
    added = pm.hook.add_ingredients(ingredients=())
    print("louder:", ", ".join(itertools.chain(*added)))


if __name__ == "__main__":
    main()
