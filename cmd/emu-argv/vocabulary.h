#ifndef VOCABULARY_H
#define VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The type of a key's value, and the type of its member of the struct. */
enum type {
	TYPE_ANY,     /* any value; not read */
	TYPE_REFUSED, /* a key that is an error; the hint says why */
	TYPE_STRING,  /* const char *, which may be "" */
	TYPE_TEXT,    /* const char *; "" is absent */
	TYPE_NAME,    /* the same; letters, digits, '-', '.' and '_' */
	TYPE_ID,      /* the same; begins with a letter */
	TYPE_FORMAT,  /* the same; a-z, 0-9 and '-' */
	TYPE_IPV4,    /* the same; four numbers */
	TYPE_HEX,     /* the same; `max` hex digits */
	TYPE_LABEL,   /* the same; at most `max` bytes */
	TYPE_MAC,     /* the same; an address or "auto" */
	TYPE_PATH,    /* the same; made absolute */
	TYPE_IMAGE,   /* struct image_file; the image is called type_name */
	TYPE_CHOICE,  /* int, the index in `choices` */
	TYPE_SWITCH,  /* int, 0 or 1 */
	TYPE_INTEGER, /* int64_t from `min` to `max` */
	TYPE_STRINGS, /* struct text_item *, the first of a list */
	TYPE_NAMES,   /* the same, of TYPE_NAME */
	TYPE_OPTIONS, /* const json_t *, a device's properties */
	TYPE_ROOT,    /* const json_t *: true, false, an integer, a string */
	TYPE_OBJECT,  /* a pointer to the struct of `kind`, or NULL */
	TYPE_LIST,    /* a pointer to the first struct of `kind` */
};

/* Values of other types that a key also takes. */
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
	const struct object_kind *kind;
	unsigned either;  /* OR_ bits */
	unsigned needs;   /* guests whose documents must have the key */
	unsigned alone;   /* guests whose documents may have it; 0: all */
	const char *hint; /* what other guests have instead */
};

/* A kind of object. Its struct begins with a const char *: its place in the
 * document, "drives[0]". */
struct object_kind {
	const char *name;
	size_t size;            /* of the struct */
	const struct key *keys; /* ended by an entry of zeros */
	bool foreign; /* unknown keys are ignored, unless one looks like a
			 misspelt key */
};

/* Names of choices; most are QEMU's own words, and are printed as such. */
extern const char *const netdev_backends[],
    *const serial_backends[], *const forward_protocols[],
				  *const share_securities[],
				      *const tcg_threads[],
					  *const guest_names[],
					      *const flavor_names[],
						  *const drive_interfaces[];

/* The document, whose keys lead to all other kinds; and an entry of its
 * "images", which is read where the machine uses it. */
extern const struct object_kind document_kind, image_kind;

#endif
