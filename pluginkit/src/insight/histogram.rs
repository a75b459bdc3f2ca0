//! [`Histogram`]: how long things took, in buckets that grow with what is in them.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Each power of two has this many buckets, so a bucket is an eighth as wide as it is far from zero.
const PARTS: u64 = 1 << PART_BITS;
const PART_BITS: u32 = 3;
/// The power of two from which on all is one bucket: more than two hours, in nanoseconds.
const TOP: u32 = 43;
const BUCKETS: usize = (((TOP - PART_BITS + 1) as usize) << PART_BITS) + 1;

/// Counts by time, without a lock.
pub(super) struct Histogram([AtomicU64; BUCKETS]);

impl Default for Histogram {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; BUCKETS])
    }
}

/// Returns the bucket of a time in nanoseconds.
fn bucket(nanoseconds: u64) -> usize {
    if nanoseconds < PARTS {
        return usize::try_from(nanoseconds).unwrap_or(BUCKETS - 1);
    }
    let power = nanoseconds.ilog2();
    let part = (nanoseconds >> (power - PART_BITS)) - PARTS;
    let index = u64::from(power - PART_BITS + 1) * PARTS + part;
    usize::try_from(index).map_or(BUCKETS - 1, |index| index.min(BUCKETS - 1))
}

/// Returns the greatest time of a bucket, in nanoseconds.
fn upper(bucket: usize) -> u64 {
    let index = bucket as u64;
    if bucket == BUCKETS - 1 {
        return u64::MAX;
    }
    if index < PARTS {
        return index;
    }
    let (steps, part) = (index / PARTS - 1, index % PARTS);
    ((PARTS + part + 1) << steps) - 1
}

impl Histogram {
    pub(super) fn add(&self, nanoseconds: u64) {
        self.0[bucket(nanoseconds)].fetch_add(1, Relaxed);
    }

    pub(super) fn reset(&self) {
        for count in &self.0 {
            count.store(0, Relaxed);
        }
    }

    /// Returns the buckets that are not empty.
    pub(super) fn counts(&self) -> Counts {
        let counts = self.0.iter().map(|count| count.load(Relaxed)).enumerate();
        Counts(counts.filter(|(_, count)| *count > 0).collect())
    }
}

/// The contents of a histogram at one moment: buckets and their counts, by bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts(Vec<(usize, u64)>);

impl Counts {
    /// Adds the counts of another histogram.
    pub(super) fn add(&mut self, other: &Self) {
        for &(bucket, count) in &other.0 {
            match self.0.binary_search_by_key(&bucket, |own| own.0) {
                Ok(at) => self.0[at].1 += count,
                Err(at) => self.0.insert(at, (bucket, count)),
            }
        }
    }

    /// Returns the time that this many of a thousand stay within: never too short, and at most an eighth too long.
    pub(super) fn within(&self, thousandths: u64) -> Duration {
        let all: u64 = self.0.iter().map(|(_, count)| count).sum();
        let rank = (u128::from(all) * u128::from(thousandths)).div_ceil(1000).max(1);
        let mut below = 0_u128;
        for (bucket, count) in &self.0 {
            below += u128::from(*count);
            if below >= rank {
                return Duration::from_nanos(upper(*bucket));
            }
        }
        Duration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_is_in_a_bucket_that_ends_at_most_an_eighth_above_it() {
        let powers = (0..TOP).map(|power| 1_u64 << power);
        let times = powers.flat_map(|power| [power.saturating_sub(1), power, power + 1, power + power / 3]);
        for time in times.filter(|time| *time < 1 << TOP) {
            let end = upper(bucket(time));
            assert!(end >= time, "{time} is above the end of its bucket, {end}");
            assert!(end <= time + time / 8, "{time} is far below the end of its bucket, {end}");
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
        assert_eq!(upper(BUCKETS - 1), u64::MAX);
    }

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        for index in 1..BUCKETS {
            assert_eq!(bucket(upper(index - 1) + 1), index);
        }
    }

    #[test]
    fn the_share_of_times_that_is_asked_for_stays_within() {
        let histogram = Histogram::default();
        (1..=1000).for_each(|time| histogram.add(time * 1000));
        let counts = histogram.counts();
        for thousandths in [1, 10, 500, 900, 990, 999, 1000] {
            let (exact, found) = (thousandths * 1000, counts.within(thousandths).as_nanos());
            assert!(found >= u128::from(exact), "{thousandths}: {found}");
            assert!(found <= u128::from(exact + exact / 8), "{thousandths}: {found}");
        }
        let mut twice = counts.clone();
        twice.add(&counts);
        twice.add(&Counts::default());
        assert!([10, 500, 990].iter().all(|share| twice.within(*share) == counts.within(*share)));
        let other = Histogram::default();
        (0..3000).for_each(|_| other.add(1));
        twice.add(&other.counts());
        assert_eq!(twice.within(500), Duration::from_nanos(1));
        histogram.reset();
        assert_eq!(histogram.counts().within(500), Duration::ZERO);
    }
}
