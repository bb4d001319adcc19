#include "relay.h"

#include "clock.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <unistd.h>

static enum relay_end
failed_output(struct reason *why)
{
	reason_errno(why, "<stdout>");
	return errno == EPIPE ? RELAY_READER : RELAY_FAILED;
}

/* Waits until stdin has something to read, or stdout's reader is gone: a pipe
 * tells by POLLERR, a socket by POLLHUP. */
static enum relay_end
wait_input(struct reason *why)
{
	struct pollfd fds[] = {
	    {.fd = STDIN_FILENO, .events = POLLIN},
	    {.fd = STDOUT_FILENO, .events = 0},
	};

	while (poll(fds, 2, -1) < 0) {
		if (errno != EINTR && errno != EAGAIN) {
			reason_errno(why, "poll");
			return RELAY_FAILED;
		}
	}
	if ((fds[1].revents & (POLLERR | POLLHUP)) == 0)
		return RELAY_EOF;
	errno = EPIPE;
	return failed_output(why);
}

/* Somebody who shares stdout may have made it non-blocking. */
static void
wait_output(void)
{
	struct pollfd fd = {.fd = STDOUT_FILENO, .events = POLLOUT};

	poll(&fd, 1, -1);
}

static enum relay_end
write_all(const unsigned char *bytes, size_t len, struct reason *why)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);

		if (n < 0 && errno == EAGAIN)
			wait_output();
		else if (n < 0 && errno != EINTR)
			return failed_output(why);
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return RELAY_EOF;
}

/* No bytes: the end. A recording that failed is told of once, and given up. */
static void
record(
    struct relay *relay, uint64_t time, const unsigned char *bytes, size_t len)
{
	FILE *out = relay->cast->out;

	if (relay->has_failed)
		return;
	if (len > 0)
		cast_write(relay->cast, time, bytes, len);
	else
		cast_end(relay->cast, time);
	if (fflush(out) != 0 || ferror(out)) {
		warn("%s", relay->file);
		relay->has_failed = true;
	}
}

enum relay_end
relay_run(struct relay *relay, struct reason *why)
{
	unsigned char bytes[16384];
	enum relay_end end = RELAY_EOF;
	uint64_t start = clock_now(), time = 0;
	ssize_t n = 1;

	while (n != 0 && end == RELAY_EOF) {
		end = wait_input(why);
		if (end != RELAY_EOF)
			break;
		n = read(STDIN_FILENO, bytes, sizeof(bytes));
		time = clock_now() - start;
		if (n < 0 && errno != EINTR && errno != EAGAIN) {
			reason_errno(why, "<stdin>");
			end = RELAY_FAILED;
		} else if (n > 0) {
			end = write_all(bytes, (size_t)n, why);
			record(relay, time, bytes, (size_t)n);
		}
	}
	record(relay, time, NULL, 0);
	return end;
}
