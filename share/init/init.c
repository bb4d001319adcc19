/* The init of a machine that runs one command: what emu-init puts into an
 * initrd. It makes the host's files the root, runs the command with its streams
 * on virtio-serial ports, says how it ended and powers off. */
#include "command.h"
#include "config.h"
#include "console.h"
#include "modules.h"
#include "network.h"
#include "ports.h"
#include "relay.h"
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

static struct config config;

/* Sends each line of the notes to the host. */
static void
send_notes(const struct ports *ports, char *notes, const char *kind)
{
	for (char *line = strtok_r(notes, "\n", &notes); line != NULL;
	     line = strtok_r(NULL, "\n", &notes))
		ports_tell(ports, "%s %s", kind, line);
}

static int
enter(const struct ports *ports)
{
	char *notes = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&notes, &len);

	if (f == NULL)
		return ports_tell(ports, "failed %s", strerror(errno));
	int result = root_enter(&config, f);
	fclose(f);
	send_notes(ports, notes, result == 0 ? "note" : "failed");
	free(notes);
	return result;
}

static void
run(const struct ports *ports)
{
	struct terminal terminal;
	struct command command;
	struct ending ending = {0};
	char reason[256];

	ports_tell(ports, "ready");
	if (relay_await_start(ports, &terminal) < 0) {
		ports_tell(
		    ports, "failed the host said no word of its streams");
		return;
	}
	int status = command_start(&command, &config, &terminal, reason);
	if (status != 0) {
		ports_tell(ports, "note %s", reason);
		ports_tell(ports, "exit %d 0 0", status);
		return;
	}
	relay_run(&command, ports, &ending);
	/* What it left behind writes nothing any more. */
	kill(-1, SIGKILL);
	root_leave(&config);
	bool killed = WIFSIGNALED(ending.wait_status);
	ports_tell(ports, "%s %d %llu %llu", killed ? "killed" : "exit",
	    killed ? WTERMSIG(ending.wait_status)
		   : WEXITSTATUS(ending.wait_status),
	    (unsigned long long)ending.out, (unsigned long long)ending.err);
}

int
main(void)
{
	struct ports ports;
	sigset_t chld;

	/* Before there is another thread, which would take the signal. */
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	root_early();
	/* The kernel opens no console where the initrd has no /dev. */
	int fd = open("/dev/console", O_RDWR | O_CLOEXEC);
	for (int i = 0; i < 3 && fd >= 0; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	modules_load();
	if (config_read(&config) < 0)
		fprintf(
		    stderr, "emu-init: %s: %s\n", CONFIG_FILE, strerror(errno));
	else if (ports_open(&ports) < 0 && console_open(&ports) < 0)
		fprintf(stderr,
		    "emu-init: the kernel has neither virtio-serial ports "
		    "(CONFIG_VIRTIO_CONSOLE) nor a console: %s\n",
		    strerror(errno));
	else {
		if (enter(&ports) == 0) {
			network_start();
			run(&ports);
		}
		/* The host ends the machine when it has every byte. A machine
		 * that powers off takes those with it that are still in the
		 * queues of its ports. */
		for (;;)
			pause();
	}
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
