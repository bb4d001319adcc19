#ifndef PORTS_H
#define PORTS_H

/* The virtio-serial ports that emu-argv adds for a command, by their names:
 * emu.stdin, emu.stdout, emu.stderr, and emu.control, on which both sides speak
 * lines of text.
 *
 * From the host:
 *   start TTY ROWS COLUMNS TERM    once, first; TTY: a mask of 1 << 0, 1, 2
 *   size ROWS COLUMNS
 *   signal NUMBER                  to the command
 * To the host:
 *   ready                          once, first: the guest has the port
 *   note TEXT                      something that the user ought to know
 *   failed TEXT                    the command could not be started at all
 *   exit STATUS OUT ERR            how it ended, and how many bytes of stdout
 *   killed SIGNAL OUT ERR          and stderr went before */
struct ports {
	int in, out, err, control;
};

/* Opens all four, non-blocking and close on exec; waits a little for the driver
 * to find them. Returns 0, or -1 when the kernel has no such ports. */
int ports_open(struct ports *ports);

/* Writes a line of text to the control port, whole. Returns 0, or -1 with errno
 * set. */
int ports_tell(const struct ports *ports, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
