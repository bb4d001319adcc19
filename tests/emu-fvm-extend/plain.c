/* plain OLD NEW LENGTH: grows an FVM as the original tool does, for comparison:
 * every allocated slice is read and written whole. It checks nothing. */
#include "growth.h"

#include <endian.h>
#include <err.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t
get(const uint8_t *p, uint64_t at)
{
	uint64_t n;

	memcpy(&n, p + at, sizeof(n));
	return le64toh(n);
}

static void
put(uint8_t *p, uint64_t at, uint64_t n)
{
	n = htole64(n);
	memcpy(p + at, &n, sizeof(n));
}

static void
move(int in, off_t from, int out, off_t to, uint8_t *buffer, size_t len)
{
	if (pread(in, buffer, len, from) < 0 ||
	    pwrite(out, buffer, len, to) != (ssize_t)len)
		err(1, "copy");
}

int
main(int argc, char *argv[])
{
	uint8_t header[104];
	struct reason why;

	if (argc != 4)
		errx(2, "plain OLD NEW LENGTH");
	int in = open(argv[1], O_RDONLY);
	int out = open(argv[2], O_RDWR | O_CREAT | O_TRUNC, 0600);
	uint64_t length = strtoull(argv[3], NULL, 10);
	if (in < 0 || out < 0 || pread(in, header, 104, 0) != 104 ||
	    ftruncate(out, (off_t)length) < 0)
		err(1, "open");
	struct geometry new, old = {.slices = get(header, 16),
				 .slice_size = get(header, 24),
				 .partition_size = get(header, 32),
				 .table_size = get(header, 48)};
	if (growth_plan(&old, length, &new, &why) < 0)
		errx(1, "%s", why.text);
	size_t len = (size_t)geometry_metadata(&new);
	uint8_t *m = calloc(1, len), *buffer = malloc((size_t)old.slice_size);
	if (m == NULL || buffer == NULL ||
	    pread(in, m, (size_t)geometry_metadata(&old), 0) < 0)
		err(1, "metadata");
	for (uint64_t n = 1; n <= old.slices; n++) {
		if ((get(m, FVM_TABLE + 8 * n) & 0xffff) != 0)
			move(in, (off_t)geometry_slice(&old, n), out,
			    (off_t)geometry_slice(&new, n), buffer,
			    (size_t)old.slice_size);
	}
	put(m, 16, new.slices);
	put(m, 32, new.partition_size);
	put(m, 48, new.table_size);
	memset(m + 64, 0, 32);
	SHA256(m, (size_t)(FVM_TABLE + geometry_round(8 * new.slices)), m + 64);
	if (pwrite(out, m, len, 0) < 0 || pwrite(out, m, len, (off_t)len) < 0)
		err(1, "metadata");
	return 0;
}
