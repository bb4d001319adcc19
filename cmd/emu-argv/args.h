#ifndef ARGS_H
#define ARGS_H

#include "build.h"

/* The kernel's arguments that come before the document's own: botanist's, or
 * what Linux needs. To be called before the drives, which add root=. */
void args_builtin(struct build *build);

/* The document's. */
void args_own(struct build *build);

/* The word behind -append, if there is anything to say and a kernel. */
void args_add(struct build *build);

#endif
