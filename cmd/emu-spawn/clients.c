#include "clients.h"

#include "local_socket.h"
#include "notice.h"

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

void
clients_accept(struct clients *clients, const struct line *line)
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

static void
drop(struct clients *clients, size_t i)
{
	stream_close(&clients->list[i].sink.stream);
	clients->list[i] = clients->list[--clients->count];
}

/* Gives one what it takes; whether it may stay. */
static bool
give(const struct clients *clients, struct client *client,
    const struct line *line)
{
	uint64_t oldest = line_oldest(line);

	if (client->sink.at >= oldest && !client->deaf)
		client->deaf = line_give(line, &client->sink) < 0;
	if (client->sink.at >= oldest || client->deaf)
		return true;
	notice("%s: a client was too slow by %" PRIu64 " bytes and was dropped",
	    clients->path, oldest - client->sink.at);
	return false;
}

void
clients_give(struct clients *clients, const struct line *line)
{
	for (size_t i = 0; i < clients->count;)
		if (give(clients, &clients->list[i], line))
			i++;
		else
			drop(clients, i);
}

void
clients_sweep(struct clients *clients)
{
	for (size_t i = clients->count; i-- > 0;)
		if (clients->list[i].done && clients->list[i].deaf)
			drop(clients, i);
}

void
clients_take(struct client *client, struct queue *queue)
{
	char *at;
	size_t space = queue_space(queue, &at);
	ssize_t n =
	    space > 0 ? stream_read(&client->sink.stream, at, space) : -1;

	if (n > 0)
		queue_add(queue, (size_t)n);
	else if (n == 0 || (space > 0 && errno != EAGAIN))
		client->done = true;
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
