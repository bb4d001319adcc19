#include "excerpt.h"

#include "../memory.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = EXCERPT_HEAD + EXCERPT_TAIL, ROOM_FIRST = 256 };

/* Makes room for len more bytes by taking whole lines out of the middle. */
static void
squeeze(struct excerpt *o, size_t len)
{
	if (o->head == 0) {
		const char *p = memrchr(o->text, '\n', EXCERPT_HEAD);

		o->head = p == NULL ? EXCERPT_HEAD : (size_t)(p + 1 - o->text);
	}
	size_t gone = o->len + len - ROOM;
	const char *from = o->text + o->head + gone;
	const char *p = memchr(from, '\n', o->len - o->head - gone);
	if (p != NULL)
		gone = (size_t)(p + 1 - (o->text + o->head));
	memmove(o->text + o->head, o->text + o->head + gone,
	    o->len - o->head - gone);
	o->len -= gone;
	o->gap += gone;
}

static void
resize(struct excerpt *o, size_t room)
{
	o->text = memory_got(realloc(o->text, room));
	o->room = room;
}

static void
make_room(struct excerpt *o, size_t len)
{
	size_t room = o->room == 0 ? ROOM_FIRST : o->room;

	while (room < o->len + len && room < ROOM)
		room *= 2;
	if (room > ROOM)
		room = ROOM;
	if (room != o->room)
		resize(o, room);
	if (o->len + len > o->room)
		squeeze(o, len);
}

void
excerpt_add(struct excerpt *excerpt, const char *line, size_t len)
{
	if (len > EXCERPT_TAIL / 2)
		len = EXCERPT_TAIL / 2;
	make_room(excerpt, len + 1);
	memcpy(excerpt->text + excerpt->len, line, len);
	excerpt->len += len;
	excerpt->text[excerpt->len++] = '\n';
}

void
excerpt_move(struct excerpt *from, struct excerpt *to)
{
	if (to->len == 0) {
		struct excerpt spare = *to;

		*to = *from;
		*from = spare;
		if (to->len > 0 && to->len <= to->room / 2 && to->gap == 0)
			resize(to, to->len);
	}
	for (size_t i = 0; i < from->len;) {
		const char *line = from->text + i;
		size_t n =
		    (size_t)((const char *)memchr(line, '\n', from->len - i) -
			     line);

		excerpt_add(to, line, n);
		i += n + 1;
	}
	to->gap += from->gap;
	excerpt_free(from);
}

void
excerpt_free(struct excerpt *excerpt)
{
	free(excerpt->text);
	*excerpt = (struct excerpt){0};
}
