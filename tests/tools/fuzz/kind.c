/* What a file is, told from its bytes: any bytes have a kind whose parts fit
 * together. */
#include "kind.h"
#include "fatal.h"

#include <stdlib.h>
#include <string.h>

const int fatal_status = 1;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct targets targets;
	struct reason why;

	if (targets.list == NULL && targets_read(&targets, &why) < 0)
		abort();
	struct source source = {
	    .targets = &targets, .fd = -1, .bytes = data, .size = size};
	struct kind kind;

	kind_of(&source, &kind);
	if (source.error != 0)
		abort();
	if (kind.class != KIND_UNKNOWN && kind.what == NULL)
		abort();
	if ((kind.class == KIND_DISK || kind.class == KIND_PACKED) &&
	    kind.format == NULL)
		abort();
	if (kind.class == KIND_KERNEL && kind.target == NULL &&
	    kind.wrong == NULL)
		abort();
	if (kind.root < ROOT_MANY || (kind.class == KIND_KERNEL && kind.root))
		abort();
	return 0;
}
