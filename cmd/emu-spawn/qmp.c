#include "qmp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* QEMU's answers to what is asked here are below 1 KiB; the panic information
 * of a guest can be long. */
enum { LONGEST = 1 << 20 };

int
qmp_take(struct qmp *qmp, const char *bytes, size_t len)
{
	qmp->ended = len == 0;
	if (qmp->used > 0)
		memmove(
		    qmp->bytes, qmp->bytes + qmp->used, qmp->len - qmp->used);
	qmp->len -= qmp->used;
	qmp->used = 0;
	if (len == 0)
		return 0;
	char *grown = realloc(qmp->bytes, qmp->len + len);
	if (grown == NULL)
		return -1;
	qmp->bytes = grown;
	memcpy(grown + qmp->len, bytes, len);
	qmp->len += len;
	return 0;
}

static const char *
text_of(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

/* What an event's name leaves open. */
static const char *
detail_of(json_t *data)
{
	static const char *const keys[] = {"reason", "action", "status"};
	const char *detail = "";

	for (size_t i = 0; i < 3 && detail[0] == '\0'; i++)
		detail = text_of(data, keys[i]);
	return detail;
}

static void
understand(struct qmp_message *message)
{
	json_t *answer = json_object_get(message->value, "return");
	json_t *error = json_object_get(message->value, "error");

	message->kind = QMP_OTHER;
	message->name = text_of(message->value, "event");
	if (message->name[0] != '\0') {
		message->kind = QMP_EVENT;
		message->detail =
		    detail_of(json_object_get(message->value, "data"));
	} else if (json_object_get(message->value, "QMP") != NULL) {
		message->kind = QMP_GREETING;
	} else if (json_object_get(message->value, "id") != NULL) {
		message->kind = error != NULL ? QMP_REFUSAL : QMP_ANSWER;
		message->name = text_of(message->value, "id");
		message->detail = text_of(error, "desc");
	} else {
		message->name = text_of(answer, "status");
		if (message->name[0] != '\0')
			message->kind = QMP_STATUS;
	}
}

/* The length of the next line, with its newline; 0 when there is none yet. */
static size_t
next_line(const struct qmp *qmp)
{
	size_t left = qmp->len - qmp->used;

	if (left == 0)
		return 0;
	const char *start = qmp->bytes + qmp->used;
	const char *end = memchr(start, '\n', left);
	if (end != NULL)
		return (size_t)(end - start) + 1;
	return qmp->ended || left > LONGEST ? left : 0;
}

/* QEMU passes on what a guest says of its panic; not all of that is UTF-8. */
static json_t *
parse(char *line, size_t len)
{
	json_t *value = json_loadb(line, len, JSON_ALLOW_NUL, NULL);

	for (size_t i = 0; value == NULL && i < len; i++)
		if ((unsigned char)line[i] >= 0x80)
			line[i] = '?';
	return value != NULL ? value
			     : json_loadb(line, len, JSON_ALLOW_NUL, NULL);
}

static bool
is_blank(const char *text, size_t len)
{
	while (len > 0 && strchr("\r\n\t ", text[len - 1]) != NULL)
		len--;
	return len == 0;
}

bool
qmp_next(struct qmp *qmp, struct qmp_message *message)
{
	size_t len;

	json_decref(qmp->value);
	qmp->value = NULL;
	while ((len = next_line(qmp)) > 0) {
		char *line = qmp->bytes + qmp->used;
		bool rest = qmp->lost;

		qmp->used += len;
		qmp->lost = line[len - 1] != '\n';
		/* Of a line that is too long, one message is enough. */
		if (rest || is_blank(line, len))
			continue;
		*message = (struct qmp_message){
		    .kind = QMP_GARBLED, .name = "", .detail = ""};
		qmp->value = parse(line, len);
		if (json_is_object(qmp->value)) {
			message->value = qmp->value;
			understand(message);
		}
		return true;
	}
	return false;
}

/* The descriptor goes with the first byte (unix(7), SCM_RIGHTS). A socket of
 * streams takes so little whole or not at all. */
int
qmp_send(int socket, const char *command, const char *id, const char *arguments,
    int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	char text[512];
	int len = snprintf(text, sizeof(text),
	    "{\"execute\":\"%s\"%s%s%s%s%s}\r\n", command,
	    id != NULL ? ",\"id\":\"" : "", id != NULL ? id : "",
	    id != NULL ? "\"" : "", arguments != NULL ? ",\"arguments\":" : "",
	    arguments != NULL ? arguments : "");
	struct iovec iov = {.iov_base = text, .iov_len = (size_t)len};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

	if (fd >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
	}
	ssize_t n;
	do {
		n = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -1 : 0;
}
