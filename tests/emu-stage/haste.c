/* An LD_PRELOAD interposer in which CLOCK_MONOTONIC runs 100 times as fast, for
 * programs that read it and wait by it with pthread_cond_timedwait. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { FACTOR = 100, NS = 1000000000 };

/* The clock starts at 0 with the machine: it stays within 64 bits for years. */
static void
scale(struct timespec *t, int64_t up, int64_t down)
{
	int64_t ns = ((int64_t)t->tv_sec * NS + t->tv_nsec) / down * up;

	*t = (struct timespec){(time_t)(ns / NS), (long)(ns % NS)};
}

int
clock_gettime(clockid_t clock, struct timespec *t)
{
	int r = (int)syscall(SYS_clock_gettime, clock, t);

	if (r == 0 && clock == CLOCK_MONOTONIC)
		scale(t, FACTOR, 1);
	return r;
}

int
pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
    const struct timespec *until)
{
	int (*wait)(
	    pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
	struct timespec real = *until;

	*(void **)&wait = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
	scale(&real, 1, FACTOR);
	return wait(condition, mutex, &real);
}
