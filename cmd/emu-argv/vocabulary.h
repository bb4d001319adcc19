#ifndef VOCABULARY_H
#define VOCABULARY_H

#include <stddef.h>
#include <stdint.h>

/* What the value of a key is, and what it becomes in the kind's struct. */
enum type {
	TYPE_ANY,     /* not looked at */
	TYPE_REFUSED, /* an error, as the hint says */
	TYPE_STRING,  /* const char *, which may be "" */
	TYPE_TEXT,    /* const char *; "" is absent */
	TYPE_NAME,    /* the same; letters, digits, '-', '.' and '_' */
	TYPE_ID,      /* the same, and begins with a letter */
	TYPE_FORMAT,  /* the same; a-z, 0-9 and '-' */
	TYPE_IPV4,    /* the same; four numbers */
	TYPE_HEX,     /* the same; `max` hex digits */
	TYPE_LABEL,   /* the same; at most `max` bytes */
	TYPE_MAC,     /* the same; an address or "auto" */
	TYPE_PATH,    /* the same; made absolute */
	TYPE_IMAGE,   /* struct file; the image is called type_name */
	TYPE_CHOICE,  /* int, the index in `choices` */
	TYPE_SWITCH,  /* int, 0 or 1 */
	TYPE_INTEGER, /* int64_t from `min` to `max` */
	TYPE_STRINGS, /* struct list of struct text */
	TYPE_NAMES,   /* the same, of TYPE_NAME */
	TYPE_OPTIONS, /* const json_t *, a device's properties */
	TYPE_ROOT,    /* const json_t *: true, false, an integer, a string */
	TYPE_OBJECT,  /* a pointer to the struct of `kind`, or NULL */
	TYPE_LIST,    /* struct list of `kind` */
};

/* What a value may be beside that. */
enum {
	OR_FALSE = 1,  /* TEXT, MAC: ""; CHOICE: the number of choices */
	OR_TRUE = 2,   /* OBJECT: true is an empty one, false none */
	OR_AUTO = 4,   /* INTEGER: "auto" is -2; SWITCH: 2 */
	OR_STRING = 8, /* OBJECT: the value of its first key */
	OR_NONE = 16,  /* IMAGE: "none" is that path, of no image */
};

/* Guests, as bits. */
enum { FUCHSIA = 1, LINUX = 2, NONE = 4, EVERY = 7 };

/* A key of the document. */
struct key {
	const char *name;
	enum type type;
	size_t offset; /* in the struct of the kind */
	int64_t absent;
	int64_t min, max;
	const char *const *choices; /* ended by NULL */
	const struct kind *kind;
	unsigned either;  /* OR_ bits */
	unsigned needs;   /* the guests that must have it */
	unsigned alone;   /* the guests that may have it; 0: every one */
	const char *hint; /* what the others have in its place */
};

/* A kind of object. Its struct begins with a const char *: its place in the
 * document, "drives[0]". */
struct kind {
	const char *name;
	const struct key *keys; /* ended by an entry of zeros */
	size_t size;            /* of the struct */
	int foreign; /* 1: other keys are somebody else's, unless a slip */
};

/* Choices that are QEMU's words, too. */
extern const char *const netdev_backends[],
    *const serial_backends[], *const forward_protocols[],
				  *const share_securities[],
				      *const tcg_threads[],
					  *const guest_names[],
					      *const flavor_names[],
						  *const drive_interfaces[];

/* All kinds, the document's first; ended by NULL. */
extern const struct kind *const vocabulary[];

#endif
