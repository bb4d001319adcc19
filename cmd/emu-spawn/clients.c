#include "clients.h"

#include "local_socket.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Binds with mode 0600. */
static int
bind_private(int fd, const struct sockaddr_un *address)
{
	const struct sockaddr *to = (const struct sockaddr *)address;
	mode_t mask = umask(0177);
	int result = bind(fd, to, sizeof(*address));

	if (result < 0 && errno == EADDRINUSE) {
		if (local_socket_remove_dead(address))
			result = bind(fd, to, sizeof(*address));
		else
			errno = EADDRINUSE;
	}
	umask(mask);
	return result;
}

/* Binds and listens; notes which file it is. */
static int
serve(struct clients *clients, int fd, const struct sockaddr_un *address)
{
	struct stat st;

	if (bind_private(fd, address) < 0)
		return -1;
	if (listen(fd, CLIENTS_MOST) < 0 || lstat(address->sun_path, &st) < 0) {
		int error = errno;

		unlink(address->sun_path);
		errno = error;
		return -1;
	}
	clients->listener = fd;
	clients->dev = st.st_dev;
	clients->ino = st.st_ino;
	return 0;
}

int
clients_open(struct clients *clients, const char *path, struct reason *why)
{
	struct sockaddr_un address;
	int result = -1;

	clients->path = path;
	int dir = local_socket_address(&address, path);
	if (dir < 0)
		return reason_errno(why, "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0)
		result = serve(clients, fd, &address);
	if (result < 0) {
		reason_errno(why, "%s", path);
		if (fd >= 0)
			close(fd);
	}
	close(dir);
	return result;
}

/* Whether there is room for one more; stores its number. */
static bool
has_room(const struct clients *clients, const struct line *line, int *number)
{
	for (int i = 0; i < CLIENTS_MOST; i++) {
		*number = i;
		if (clients->in[i] < 0 &&
		    line->sinks[SINK_CLIENTS + i].stream.fd < 0)
			return true;
	}
	return false;
}

void
clients_arm(const struct clients *clients, const struct line *line,
    const struct guest_input *input, struct pollfd fds[CLIENTS_POLLED])
{
	int number;

	fds[0] = (struct pollfd){.fd = clients->listener, .events = POLLIN};
	if (fds[0].fd >= 0 && !has_room(clients, line, &number))
		fds[0].fd = -1;
	for (int i = 0; i < CLIENTS_MOST; i++)
		fds[1 + i] = (struct pollfd){
		    .fd = guest_input_has_room(input) ? clients->in[i] : -1,
		    .events = POLLIN};
}

static void
hang_up(struct clients *clients, int i)
{
	if (clients->in[i] >= 0)
		close(clients->in[i]);
	clients->in[i] = -1;
}

static void
accept_all(struct clients *clients, struct line *line)
{
	int i, fd;

	while (has_room(clients, line, &i) &&
	       (fd = accept4(clients->listener, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct sink *sink = &line->sinks[SINK_CLIENTS + i];

		*sink =
		    (struct sink){.stream = {.fd = fd, .kind = STREAM_SOCKET},
			.at = line_oldest(line)};
		clients->in[i] = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (clients->in[i] < 0)
			line_release(sink, 0);
	}
}

void
clients_take(struct clients *clients, struct line *line,
    struct guest_input *input, const struct pollfd fds[CLIENTS_POLLED])
{
	for (int i = 0; i < CLIENTS_MOST; i++) {
		struct sink *sink = &line->sinks[SINK_CLIENTS + i];
		const struct stream from = {
		    .fd = clients->in[i], .kind = STREAM_SOCKET};

		if (sink->error == EOVERFLOW) {
			warnx("%s: a client was behind by %" PRIu64
			      " bytes and was disconnected",
			    clients->path, line_oldest(line) - sink->at);
			sink->error = 0;
			hang_up(clients, i);
		} else if (fds[1 + i].revents != 0 &&
			   guest_input_take(input, &from) == 0) {
			hang_up(clients, i);
		}
	}
	if (fds[0].revents & POLLIN)
		accept_all(clients, line);
}

void
clients_leave(const struct clients *clients)
{
	struct stat st;

	if (clients->listener >= 0 && lstat(clients->path, &st) == 0 &&
	    st.st_dev == clients->dev && st.st_ino == clients->ino)
		unlink(clients->path);
}

void
clients_init(struct clients *clients)
{
	*clients = (struct clients){.listener = -1};
	for (int i = 0; i < CLIENTS_MOST; i++)
		clients->in[i] = -1;
}
