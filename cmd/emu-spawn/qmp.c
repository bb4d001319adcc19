#include "qmp.h"

#include "json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { LONGEST = 16384 };

int
qmp_take(struct qmp *qmp, const char *bytes, size_t len)
{
	if (len == 0)
		return 0;
	if (qmp->used > 0)
		memmove(qmp->buf, qmp->buf + qmp->used, qmp->len - qmp->used);
	qmp->len -= qmp->used;
	qmp->used = 0;
	char *buf = realloc(qmp->buf, qmp->len + len);
	if (buf == NULL)
		return -1;
	qmp->buf = buf;
	memcpy(buf + qmp->len, bytes, len);
	qmp->len += len;
	return 0;
}

static void
understand(struct qmp_message *message)
{
	const char *text = message->text;
	size_t len = message->len;

	if (!json_valid(text, len))
		return;
	if (json_find(
		text, len, "event", message->name, sizeof(message->name))) {
		message->kind = QMP_EVENT;
		json_find(text, len, "data/reason", message->reason,
		    sizeof(message->reason));
		json_find(text, len, "data/action", message->action,
		    sizeof(message->action));
	} else if (json_find(text, len, "return/status", message->name,
		       sizeof(message->name))) {
		message->kind = QMP_STATUS;
	} else if (json_find(text, len, "QMP", message->name,
		       sizeof(message->name))) {
		message->kind = QMP_GREETING;
	}
}

bool
qmp_next(struct qmp *qmp, struct qmp_message *message)
{
	size_t left = qmp->len - qmp->used;

	*message = (struct qmp_message){.kind = QMP_NOISE};
	if (left == 0)
		return false;
	const char *start = qmp->buf + qmp->used;
	const char *end = memchr(start, '\n', left);
	if (end == NULL) {
		if (left > LONGEST) {
			qmp->too_long = true;
			qmp->used = qmp->len;
		}
		return false;
	}
	message->text = start;
	message->len = (size_t)(end - start);
	qmp->used += message->len + 1;
	while (message->len > 0 && start[message->len - 1] == '\r')
		message->len--;
	if (!qmp->too_long && message->len <= LONGEST)
		understand(message);
	qmp->too_long = false;
	return true;
}

void
qmp_free(struct qmp *qmp)
{
	free(qmp->buf);
	*qmp = (struct qmp){0};
}

int
qmp_send(int socket, const char *command)
{
	size_t len = strlen(command);

	while (len > 0) {
		ssize_t n =
		    send(socket, command, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		command += n;
		len -= (size_t)n;
	}
	return 0;
}
