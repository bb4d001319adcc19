#ifndef RELAY_H
#define RELAY_H

#include "cast.h"
#include "reason.h"

#include <stdbool.h>

enum relay_end {
	RELAY_EOF,    /* stdin ended; no end so far */
	RELAY_READER, /* the reader of stdout went away */
	RELAY_FAILED, /* stdin or stdout failed: see the reason */
};

struct relay {
	struct cast *cast; /* started; its stream is flushed piece by piece */
	const char *file;  /* what messages call the recording */
	bool has_failed;   /* out: the recording has, and that was told */
};

/* Copies stdin to stdout, each piece as soon as it is there, and records it to
 * its end. When the recording fails, that is told and the copying goes on. */
enum relay_end relay_run(struct relay *relay, struct reason *why);

#endif
