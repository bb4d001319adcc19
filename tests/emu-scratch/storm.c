/* storm [n [seconds]]: n processes, each of which does nothing but fork a
 * successor in a session of its own and exit, deaf to SIGTERM, for that long
 * (1, 10): hard to catch. */
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void
chain(time_t end)
{
	for (;;) {
		pid_t pid = fork();

		if (pid > 0 || time(NULL) >= end)
			_exit(0);
		if (pid == 0)
			setsid();
	}
}

int
main(int argc, char *argv[])
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	long n = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
	time_t end = time(NULL) + (argc > 2 ? strtol(argv[2], NULL, 10) : 10);

	sigaction(SIGTERM, &ignore, NULL);
	for (; n > 0; n--) {
		if (fork() == 0)
			chain(end);
	}
	return 0;
}
