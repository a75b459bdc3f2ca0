//! Plugins in a game loop: they keep state without locks, and borrow from the host.
//!
//! ```text
//! cargo run --example game_loop
//! ```

use std::cell::RefCell;

use pluginkit::prelude::*;

/// What all plugins share. The loop hands it to them, one after the other.
struct World {
    frame: u32,
    ball: i32,
    paddle: i32,
    lives: u32,
}

const WIDTH: i32 = 12;

#[extension_point]
trait Game {
    /// Advances the world by one frame. `key` is -1, 0 or 1.
    fn update(&self, world: &mut World, key: i32);

    /// Draws over what other plugins have drawn.
    #[extension_point(pipeline)]
    fn draw(&self, screen: &mut Vec<char>, world: &World);

    /// Returns the reason why the game ends, or `None`.
    #[extension_point(firstresult)]
    fn over(&self, world: &World) -> Option<String>;
}

/// A ball that keeps its own speed: `&mut self` needs no lock.
struct Ball {
    speed: i32,
}

#[extension(local)]
impl Game for Ball {
    fn update(&mut self, world: &mut World) {
        world.ball += self.speed;
        if world.ball <= 0 || world.ball >= WIDTH - 1 {
            world.ball = world.ball.clamp(0, WIDTH - 1);
            self.speed = -self.speed;
            if (world.ball - world.paddle).abs() > 1 {
                world.lives -= 1;
            }
        }
    }

    fn draw(&self, screen: &mut Vec<char>, world: &World) {
        screen[usize::try_from(world.ball).unwrap_or(0)] = 'o';
    }
}

struct Paddle;

#[extension(local)]
impl Game for Paddle {
    // Before the ball, so that a key counts in the frame in which it is pressed.
    #[extension(tryfirst)]
    fn update(&self, world: &mut World, key: i32) {
        world.paddle = (world.paddle + 3 * key).clamp(0, WIDTH - 1);
    }

    fn draw(&self, screen: &mut Vec<char>, world: &World) {
        screen[usize::try_from(world.paddle).unwrap_or(0)] = '|';
    }

    fn over(&self, world: &World) -> Option<String> {
        (world.lives == 0).then(|| format!("no lives are left after {} frames", world.frame))
    }
}

/// Writes to a log of the host, which it borrows.
struct Commentary<'host> {
    lives: u32,
    log: &'host RefCell<Vec<String>>,
}

#[extension(local)]
impl Game for Commentary<'_> {
    #[extension(trylast)]
    fn update(&mut self, world: &mut World) {
        if world.lives < self.lives {
            self.lives = world.lives;
            self.log.borrow_mut().push(format!("frame {}: missed", world.frame));
        }
    }
}

fn main() -> Result<(), pluginkit::Error> {
    let log = RefCell::default();
    let mut drawn = 0;
    {
        let pm = LocalPluginManager::new("game");
        pm.add_extension_points(Game)?;
        pm.register(Ball { speed: 4 })?;
        pm.register(Paddle)?;
        // A plugin that borrows names its points.
        pm.plugin(Commentary { lives: 3, log: &log }).named("commentary").extends(Game).register()?;
        // A closure that changes what it captures.
        pm.register_fn_mut("counter", Game::draw, |_| drawn += 1)?;

        let (update, draw, over) = (pm.caller(Game::update), pm.caller(Game::draw), pm.caller(Game::over));
        let mut world = World { frame: 0, ball: 1, paddle: 6, lives: 3 };
        let mut keys = [1, 1, 0, -1, -1, -1].into_iter();
        let reason = loop {
            world.frame += 1;
            update.call(&mut world, keys.next().unwrap_or(0));
            let mut screen = vec!['.'; WIDTH.unsigned_abs() as usize];
            draw.call(&mut screen, &world);
            println!(
                "{:2} {} {}",
                world.frame,
                screen.iter().collect::<String>(),
                "*".repeat(world.lives as usize)
            );
            if let Some(reason) = over.call(&world) {
                break reason;
            }
        };
        println!("{reason}");
    }
    println!("{} frames drawn; {}", drawn, log.into_inner().join(", "));
    Ok(())
}
