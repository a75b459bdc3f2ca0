//! [`Sequence`]: numbers in an order that changes, with their positions.
#![forbid(unsafe_code)]

/// No number.
const NONE: usize = usize::MAX;

/// Numbers in an order of its own, each at most once. It finds, adds and removes one in logarithmic time.
///
/// It is a binary tree that chance keeps flat: of two trees that become one, either root is the new one, by the odds of
/// their sizes. Chance is seeded, so that the same steps take the same time.
pub(crate) struct Sequence {
    /// By number.
    nodes: Vec<Node>,
    root: usize,
    chance: u64,
}

/// Two marks of a number, by which the first number with a greater mark is found.
pub(crate) type Marks = [usize; 2];

#[derive(Clone)]
struct Node {
    parent: usize,
    left: usize,
    right: usize,
    /// The size of its subtree; 0 if the number is not in the sequence.
    size: usize,
    marks: Marks,
    /// The greatest of all it is the root of.
    most: Marks,
}

const ABSENT: Node = Node { parent: NONE, left: NONE, right: NONE, size: 0, marks: [0; 2], most: [0; 2] };

impl Default for Sequence {
    fn default() -> Self {
        Self { nodes: Vec::new(), root: NONE, chance: 0 }
    }
}

impl Sequence {
    /// Returns a sequence of these numbers in this order.
    pub(crate) fn of(numbers: &[(usize, Marks)]) -> Self {
        let mut all = Self::default();
        let count = numbers.iter().map(|(number, _)| number + 1).max().unwrap_or(0);
        all.nodes.resize(count, ABSENT);
        all.root = all.flat(numbers);
        all
    }

    pub(crate) fn len(&self) -> usize {
        self.size(self.root)
    }

    /// All numbers, in order.
    pub(crate) fn numbers(&self) -> Vec<usize> {
        let mut numbers = Vec::with_capacity(self.len());
        let mut open = Vec::new();
        let mut at = self.root;
        while at != NONE || !open.is_empty() {
            while at != NONE {
                open.push(at);
                at = self.nodes[at].left;
            }
            let Some(own) = open.pop() else { break };
            numbers.push(own);
            at = self.nodes[own].right;
        }
        numbers
    }

    /// Returns the position of a number, if it is in the sequence.
    pub(crate) fn position(&self, number: usize) -> Option<usize> {
        let node = self.nodes.get(number).filter(|node| node.size > 0)?;
        let mut position = self.size(node.left);
        let (mut own, mut parent) = (number, node.parent);
        while parent != NONE {
            let node = &self.nodes[parent];
            if node.right == own {
                position += self.size(node.left) + 1;
            }
            (own, parent) = (parent, node.parent);
        }
        Some(position)
    }

    /// Returns the first position from `from` on whose number has a greater mark `which` than `than`; the end, if
    /// there is none.
    pub(crate) fn first_above(&self, from: usize, which: usize, than: usize) -> usize {
        self.above(self.root, from, which, than).unwrap_or(self.len())
    }

    /// Adds a number, which is not in, at a position.
    pub(crate) fn insert(&mut self, at: usize, number: usize, marks: Marks) {
        if self.nodes.len() <= number {
            self.nodes.resize(number + 1, ABSENT);
        }
        self.nodes[number] = Node { size: 1, marks, most: marks, ..ABSENT };
        let (before, after) = self.split(self.root, at);
        let before = self.join(before, number);
        self.root = self.join(before, after);
        self.set_parent(self.root, NONE);
    }

    /// Takes a number out.
    pub(crate) fn remove(&mut self, number: usize) {
        let Some(position) = self.position(number) else { return };
        let (before, rest) = self.split(self.root, position);
        let (own, after) = self.split(rest, 1);
        self.nodes[own] = ABSENT;
        self.root = self.join(before, after);
        self.set_parent(self.root, NONE);
    }

    fn size(&self, node: usize) -> usize {
        self.nodes.get(node).map_or(0, |node| node.size)
    }

    fn set_parent(&mut self, node: usize, parent: usize) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.parent = parent;
        }
    }

    /// Returns the root of a tree of numbers that is as flat as possible.
    fn flat(&mut self, numbers: &[(usize, Marks)]) -> usize {
        let (before, rest) = numbers.split_at(numbers.len() / 2);
        let Some(((number, marks), after)) = rest.split_first() else { return NONE };
        let (left, right) = (self.flat(before), self.flat(after));
        self.nodes[*number] = Node { left, right, marks: *marks, ..ABSENT };
        self.update(*number);
        *number
    }

    /// Makes a node know its children.
    fn update(&mut self, own: usize) {
        let Node { left, right, marks, .. } = self.nodes[own];
        let most = |node: usize| self.nodes.get(node).map_or([0; 2], |node| node.most);
        let (one, two) = (most(left), most(right));
        let size = self.size(left) + self.size(right) + 1;
        let node = &mut self.nodes[own];
        node.size = size;
        node.most = [0, 1].map(|which| marks[which].max(one[which]).max(two[which]));
        self.set_parent(left, own);
        self.set_parent(right, own);
    }

    /// Splits a tree in two, the first of which has `count` numbers.
    fn split(&mut self, own: usize, count: usize) -> (usize, usize) {
        if own == NONE {
            return (NONE, NONE);
        }
        let Node { left, right, .. } = self.nodes[own];
        let before = self.size(left);
        let (one, two);
        if count <= before {
            let (first, rest) = self.split(left, count);
            self.nodes[own].left = rest;
            (one, two) = (first, own);
        } else {
            let (rest, last) = self.split(right, count - before - 1);
            self.nodes[own].right = rest;
            (one, two) = (own, last);
        }
        self.update(own);
        self.set_parent(one, NONE);
        self.set_parent(two, NONE);
        (one, two)
    }

    /// Joins two trees.
    fn join(&mut self, one: usize, two: usize) -> usize {
        if one == NONE || two == NONE {
            return if one == NONE { two } else { one };
        }
        let (ahead, behind) = (self.size(one), self.size(two));
        if self.draw(ahead + behind) < ahead {
            let right = self.join(self.nodes[one].right, two);
            self.nodes[one].right = right;
            self.update(one);
            one
        } else {
            let left = self.join(one, self.nodes[two].left);
            self.nodes[two].left = left;
            self.update(two);
            two
        }
    }

    /// Returns a random number below `end`.
    fn draw(&mut self, end: usize) -> usize {
        self.chance = self.chance.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.chance ^ (self.chance >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed >> 33) % end.max(1) as u64).unwrap_or(0)
    }

    fn above(&self, own: usize, from: usize, which: usize, than: usize) -> Option<usize> {
        let node = self.nodes.get(own).filter(|node| node.most[which] > than && from < node.size)?;
        let before = self.size(node.left);
        if let Some(position) = self.above(node.left, from, which, than) {
            return Some(position);
        }
        if from <= before && node.marks[which] > than {
            return Some(before);
        }
        let position = self.above(node.right, from.saturating_sub(before + 1), which, than)?;
        Some(before + 1 + position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_what_a_vec_does() {
        let marks = |number: usize| [number, 97 * number % 101];
        for start in [0, 7, 64] {
            let first: Vec<_> = (0..start).map(|number| (number, marks(number))).collect();
            let mut sequence = Sequence::of(&first);
            let mut model: Vec<usize> = (0..start).collect();
            for step in 0..600 {
                let number = start + step;
                let at = 7919 * step % (model.len() + 1);
                sequence.insert(at, number, marks(number));
                model.insert(at, number);
                if step % 3 == 2 {
                    let gone = model.remove(104_729 * step % model.len());
                    sequence.remove(gone);
                    assert_eq!(sequence.position(gone), None);
                }
                let (from, which, than) = (31 * step % (model.len() + 1), step % 2, 53 * step % 101);
                let above = model.iter().skip(from).position(|&number| marks(number)[which] > than);
                let above = above.map_or(model.len(), |position| from + position);
                assert_eq!(sequence.first_above(from, which, than), above);
            }
            assert_eq!((sequence.numbers(), sequence.len()), (model.clone(), model.len()));
            for (position, &number) in model.iter().enumerate() {
                assert_eq!(sequence.position(number), Some(position));
            }
        }
    }
}
