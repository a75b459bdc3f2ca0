/*
 * Tells ThreadSanitizer of the synchronization that a prebuilt standard library does out of its sight.
 *
 * The sanitizer knows two accesses to be in order only by atomic operations that it sees. Those of generic and inlined
 * code of the standard library are compiled with the program, so it sees them. It does not see
 *
 * - the slow paths of locks, which are compiled once: a thread that had to wait for a lock is not in order with the one
 *   that left it;
 * - fences, which it does not support at all: the last owner of an `Arc` is not in order with the others.
 *
 * The linker calls the functions below in the place of those (`--wrap`). `.ci/sanitizers` finds their names, which
 * contain a hash of the toolchain.
 */
#include <stdint.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define GLUE(a, b) a##b
#define NAMED(a, b) GLUE(a, b)
#define WRAP(name) NAMED(__wrap_, name)
#define REAL(name) NAMED(__real_, name)

/* A lock that is had after a wait: in order with the unlock before, which the sanitizer saw. */
#define CONTENDED(name)                                                                                                \
    void REAL(name)(void *lock);                                                                                       \
    void WRAP(name)(void *lock) {                                                                                      \
        REAL(name)(lock);                                                                                              \
        __tsan_acquire(lock);                                                                                          \
    }

CONTENDED(MUTEX_LOCK)
CONTENDED(RWLOCK_READ)
CONTENDED(RWLOCK_WRITE)

/* A wait leaves the mutex and takes it again. */
void REAL(CONDVAR_WAIT)(void *condvar, void *mutex);
void WRAP(CONDVAR_WAIT)(void *condvar, void *mutex) {
    __tsan_release(mutex);
    REAL(CONDVAR_WAIT)(condvar, mutex);
    __tsan_acquire(mutex);
}

_Bool REAL(CONDVAR_WAIT_TIMEOUT)(void *condvar, void *mutex, uint64_t seconds, uint32_t nanoseconds);
_Bool WRAP(CONDVAR_WAIT_TIMEOUT)(void *condvar, void *mutex, uint64_t seconds, uint32_t nanoseconds) {
    __tsan_release(mutex);
    _Bool result = REAL(CONDVAR_WAIT_TIMEOUT)(condvar, mutex, seconds, nanoseconds);
    __tsan_acquire(mutex);
    return result;
}

/* Whoever finds a `Once` complete is in order with the one that completed it. */
void REAL(ONCE_CALL)(void *once, _Bool ignores_poison, void *work, void *vtable, void *location);
void WRAP(ONCE_CALL)(void *once, _Bool ignores_poison, void *work, void *vtable, void *location) {
    REAL(ONCE_CALL)(once, ignores_poison, work, vtable, location);
    __tsan_acquire(once);
    __tsan_release(once);
}

/*
 * An owner that leaves an `Arc` releases; the last one has a fence after that, which is an acquire. Here each owner that
 * leaves acquires, too.
 */
enum { RELEASE = 3, ACQUIRE_AND_RELEASE = 4 };
uint64_t __real___tsan_atomic64_fetch_sub(volatile uint64_t *address, uint64_t value, int order);
uint64_t __wrap___tsan_atomic64_fetch_sub(volatile uint64_t *address, uint64_t value, int order) {
    return __real___tsan_atomic64_fetch_sub(address, value, order == RELEASE ? ACQUIRE_AND_RELEASE : order);
}
