#include "clients.h"

#include "../fatal.h"
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
bind_private(int fd, const struct sockaddr_un *address, const char *path)
{
	const struct sockaddr *to = (const struct sockaddr *)address;
	mode_t mask = umask(0177);
	int result = bind(fd, to, sizeof(*address)), error = errno;

	if (result < 0 && error == EADDRINUSE && local_socket_remove_dead(path))
		result = bind(fd, to, sizeof(*address));
	else
		errno = error;
	umask(mask);
	return result;
}

void
clients_open(struct clients *clients, const char *path)
{
	struct sockaddr_un address;
	struct stat st;
	int dir = local_socket_address(&address, path);

	if (dir < 0)
		fatal_errno(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind_private(fd, &address, path) < 0 ||
	    lstat(address.sun_path, &st) < 0)
		fatal_errno(path);
	/* From here on clients_leave removes it. */
	clients->listener = fd;
	clients->path = path;
	clients->dev = st.st_dev;
	clients->ino = st.st_ino;
	if (listen(fd, CLIENTS_MOST) < 0)
		fatal_errno(path);
	close(dir);
}

/* Whether there is room for one more; stores its number. */
static bool
has_room(const struct line *line, const struct guest_input *input, int *number)
{
	for (*number = 0; *number < CLIENTS_MOST; ++*number)
		if (input->sources[INPUT_CLIENTS + *number].fd < 0 &&
		    line->sinks[SINK_CLIENTS + *number].stream.fd < 0)
			return true;
	return false;
}

struct pollfd
clients_arm(const struct clients *clients, const struct line *line,
    const struct guest_input *input)
{
	int i;

	return (struct pollfd){
	    .fd = has_room(line, input, &i) ? clients->listener : -1,
	    .events = POLLIN};
}

static void
accept_all(
    struct clients *clients, struct line *line, struct guest_input *input)
{
	int i, fd;

	while (has_room(line, input, &i) &&
	       (fd = accept4(clients->listener, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct sink *sink = &line->sinks[SINK_CLIENTS + i];
		struct nonblocking *source = &input->sources[INPUT_CLIENTS + i];

		*sink = (struct sink){
		    .stream = {.fd = fd, .kind = NONBLOCKING_SOCKET},
		    .at = line_oldest(line)};
		*source =
		    (struct nonblocking){.fd = fcntl(fd, F_DUPFD_CLOEXEC, 0),
			.kind = NONBLOCKING_SOCKET};
		if (source->fd < 0)
			line_release(sink, 0);
	}
}

void
clients_take(struct clients *clients, struct line *line,
    struct guest_input *input, const struct pollfd *listener)
{
	for (int i = 0; i < CLIENTS_MOST; i++) {
		struct sink *sink = &line->sinks[SINK_CLIENTS + i];

		if (sink->error != EOVERFLOW)
			continue;
		warnx("%s: a client was behind by %" PRIu64
		      " bytes and was disconnected",
		    clients->path, line_oldest(line) - sink->at);
		sink->error = 0;
		nonblocking_close(&input->sources[INPUT_CLIENTS + i]);
	}
	if (listener->revents & POLLIN)
		accept_all(clients, line, input);
}

void
clients_leave(const struct clients *clients)
{
	struct stat st;

	if (clients->listener >= 0 && lstat(clients->path, &st) == 0 &&
	    st.st_dev == clients->dev && st.st_ino == clients->ino)
		unlink(clients->path);
}
