#include "qcow2.h"

#include "file_io.h"

#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

struct header {
	char magic[4];
	uint32_t version;
	uint64_t backing_offset; /* of the other one's name; 0: there is none */
};

int
qcow2_has_backing(int fd, const char *name, bool *backed, struct reason *why)
{
	struct header header;
	int result = file_read(fd, &header, sizeof(header), 0);

	if (result < 0 && errno != ENODATA)
		return reason_errno(why, "%s", name);
	if (result < 0 || memcmp(header.magic, "QFI\xfb", 4) != 0)
		return reason_set(why, "%s: not a qcow2 image", name);
	*backed = be64toh(header.backing_offset) != 0;
	return 0;
}
