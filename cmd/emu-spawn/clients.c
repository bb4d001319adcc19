#include "clients.h"

#include "local_socket.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
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

	*clients = (struct clients){.listener = -1, .path = path};
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

static void
drop(struct clients *clients, size_t i)
{
	stream_close(&clients->list[i].sink.stream);
	clients->list[i] = clients->list[--clients->count];
}

void
clients_arm(const struct clients *clients, const struct line *line,
    const struct guest_input *input, struct pollfd fds[1 + CLIENTS_MOST])
{
	fds[0] = (struct pollfd){.fd = clients->listener, .events = POLLIN};
	if (clients->count == CLIENTS_MOST)
		fds[0].fd = -1;
	for (size_t i = 0; i < CLIENTS_MOST; i++) {
		const struct client *c = &clients->list[i];
		bool listen = guest_input_has_room(input) && !c->done;

		fds[1 + i] = (struct pollfd){.fd = -1};
		/* One that hung up would be reported again and again. */
		if (i >= clients->count || (!listen && c->deaf))
			continue;
		fds[1 + i].fd = c->sink.stream.fd;
		if (listen)
			fds[1 + i].events |= POLLIN;
		if (!c->deaf && !line_given(line, &c->sink))
			fds[1 + i].events |= POLLOUT;
	}
}

static void
accept_all(struct clients *clients, const struct line *line)
{
	while (clients->count < CLIENTS_MOST) {
		int fd = accept4(clients->listener, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		clients->list[clients->count++] = (struct client){
		    .sink = {.stream = {.fd = fd, .kind = STREAM_SOCKET},
			.at = line_oldest(line)},
		};
	}
}

void
clients_take(struct clients *clients, const struct line *line,
    struct guest_input *input, const struct pollfd fds[1 + CLIENTS_MOST])
{
	for (size_t i = clients->count; i-- > 0;) {
		struct client *c = &clients->list[i];
		const struct pollfd *p = &fds[1 + i];

		/* Else it came, or moved here, since. */
		if (p->fd == c->sink.stream.fd && p->revents != 0) {
			c->deaf |= (p->revents & STREAM_GONE) != 0;
			if (!c->done)
				c->done = guest_input_take(
					      input, &c->sink.stream) == 0;
		}
		if (c->done && c->deaf)
			drop(clients, i);
	}
	if (fds[0].revents & POLLIN)
		accept_all(clients, line);
}

/* Gives one what it takes; whether it may stay. */
static bool
give(const struct clients *clients, struct client *client,
    const struct line *line)
{
	uint64_t oldest = line_oldest(line), at = client->sink.at;

	if (client->deaf)
		return true;
	if (at < oldest) {
		warnx("%s: a client was too slow by %" PRIu64
		      " bytes and was dropped",
		    clients->path, oldest - at);
		return false;
	}
	client->deaf = line_write(line, &client->sink) < 0;
	return true;
}

void
clients_give(struct clients *clients, const struct line *line)
{
	for (size_t i = clients->count; i-- > 0;)
		if (!give(clients, &clients->list[i], line))
			drop(clients, i);
}

bool
clients_given(const struct clients *clients, const struct line *line)
{
	for (size_t i = 0; i < clients->count; i++)
		if (!clients->list[i].deaf &&
		    !line_given(line, &clients->list[i].sink))
			return false;
	return true;
}

static void
unlink_own(const struct clients *clients)
{
	struct stat st;

	if (clients->listener >= 0 && lstat(clients->path, &st) == 0 &&
	    st.st_dev == clients->dev && st.st_ino == clients->ino)
		unlink(clients->path);
}

void
clients_close(struct clients *clients)
{
	while (clients->count > 0)
		drop(clients, 0);
	unlink_own(clients);
	if (clients->listener >= 0)
		close(clients->listener);
	clients->listener = -1;
}
