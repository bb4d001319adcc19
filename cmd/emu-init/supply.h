#ifndef SUPPLY_H
#define SUPPLY_H

#include "options.h"

#include <stdbool.h>
#include <stddef.h>

/* A directory of kernel modules, such as modules_install makes. */
struct supply {
	int root;        /* names are looked up from here */
	bool confined;   /* ... and links lead to what is below it */
	char *directory; /* for messages */
	char *below;     /* the directory, from the root; "." for itself */
	char *order;     /* its modules.order */
	char *builtin;   /* and modules.builtin */
};

/* Opens the directory of -K, or else lib/modules/VERSION in the root, for the
 * version of the kernel, which is the file `kernel`. In the root, links are
 * followed as in the guest, which has it as its root: none leads to another
 * file of the host. Returns false when there is no directory; what cannot be
 * read ends the program. The caller closes it in any case. */
bool supply_open(
    struct supply *supply, const struct options *options, const char *kernel);

void supply_close(struct supply *supply);

/* Finds the line of a module, named with '_' for '-', in an index. Returns it,
 * not ended by a NUL, and stores its length less ".ko"; NULL if there is none.
 */
const char *supply_line(const char *index, const char *name, size_t *len);

/* Reads the file of a module, which may be compressed, by its line. Returns its
 * bytes, which the caller frees, with a NUL behind them, and stores their
 * number and the path for messages, which the caller frees. Returns NULL if
 * there is no such file; one that cannot be read ends the program. */
char *supply_file(const struct supply *supply, const char *line,
    size_t line_len, char **path, size_t *len);

#endif
