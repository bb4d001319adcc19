/* Builds FVM images for the tests, and judges what became of them. It is
 * written from the format's description alone and shares no code with what it
 * tests.
 *
 *   image make FILE SLICE_SIZE MAP [TABLE_SIZE]
 *       MAP has a character a slice: '.' free, 'a' to 'z' partition 1 to 26.
 *       Some blocks of each slice hold a pattern of its own, the rest is holes;
 *       the slices of a partition in capitals are full of it.
 *   image set FILE WHERE OFFSET VALUE
 *       Sets 8 bytes at OFFSET of the copies WHERE ("A", "B", "AB"), and makes
 *       their hashes right again; "a", "b", "ab" leave the hashes alone.
 *   image check FILE [LENGTH]
 *       Both copies must be valid and equal, every slice hold its pattern, the
 *       rest be zeros, and the file be LENGTH bytes. Prints
 *       "SLICES SLICE_COUNT TABLE_SIZE PARTITION_SIZE".
 */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, TABLE_AT = 73728, BLOCK = 8192 };
enum { COUNT = 16, SIZE = 24, TOTAL = 32, PTABLE = 40, ATABLE = 48, HASH = 64 };

static uint64_t
get(const uint8_t *p, uint64_t at)
{
	uint64_t n = 0;

	for (int i = 7; i >= 0; i--)
		n = n << 8 | p[at + (size_t)i];
	return n;
}

static void
put(uint8_t *p, uint64_t at, uint64_t n)
{
	for (size_t i = 0; i < 8; i++)
		p[at + i] = (uint8_t)(n >> 8 * i);
}

static uint64_t
blocks(uint64_t n)
{
	return (n + BLOCK - 1) / BLOCK * BLOCK;
}

static void
read_at(int fd, void *bytes, size_t len, uint64_t at)
{
	ssize_t n = pread(fd, bytes, len, (off_t)at);

	if (n < 0)
		err(1, "read");
	memset((char *)bytes + n, 0, len - (size_t)n);
}

static void
write_at(int fd, const void *bytes, size_t len, uint64_t at)
{
	if (pwrite(fd, bytes, len, (off_t)at) != (ssize_t)len)
		err(1, "write");
}

static void
hash(const uint8_t *metadata, uint8_t digest[32])
{
	size_t len = TABLE_AT + (size_t)blocks(8 * get(metadata, COUNT));
	uint8_t *copy = malloc(len);

	if (copy == NULL)
		err(1, NULL);
	memcpy(copy, metadata, len);
	memset(copy + HASH, 0, 32);
	SHA256(copy, len, digest);
	free(copy);
}

/* The page of that number of a slice. Seven in eight are holes, unless the
 * partition is a full one. */
static void
pattern(uint8_t page[PAGE], bool full, uint64_t entry, uint64_t number)
{
	uint64_t seed = entry * 0x9e3779b97f4a7c15 + number;

	memset(page, 0, PAGE);
	if (!full && number % 8 != 0)
		return;
	for (size_t i = 0; i < PAGE; i += 8) {
		seed = seed * 6364136223846793005 + 1442695040888963407;
		put(page, i, seed | 1);
	}
}

static int
make(char *argv[])
{
	uint64_t size = strtoull(argv[1], NULL, 0), count = strlen(argv[2]);
	uint64_t table = blocks(8 * (count + 1)), vslice[27] = {0};
	int fd = open(argv[0], O_RDWR | O_CREAT | O_TRUNC, 0644);

	if (fd < 0)
		err(1, "%s", argv[0]);
	if (argv[3] != NULL)
		table = strtoull(argv[3], NULL, 0);
	uint64_t len = TABLE_AT + table;
	uint8_t *m = calloc(1, (size_t)len);
	if (m == NULL || ftruncate(fd, (off_t)(2 * len + count * size)) < 0)
		err(1, "%s", argv[0]);
	memcpy(m, "FVM PART", 8);
	put(m, 8, 1);
	put(m, COUNT, count);
	put(m, SIZE, size);
	put(m, TOTAL, 2 * len + count * size);
	put(m, PTABLE, 65536);
	put(m, ATABLE, table);
	put(m, 96, 1);
	for (uint64_t i = 1; i <= count; i++) {
		char c = argv[2][i - 1];
		bool full = c >= 'A' && c <= 'Z';
		unsigned p = c == '.' ? 0 : (unsigned)(c | 0x20) - 'a' + 1;
		uint8_t *entry = m + BLOCK + 64 * p, page[PAGE];

		if (p == 0)
			continue;
		memset(entry, (int)p, 32);
		put(entry, 32, ++vslice[p] | (uint64_t)full << 32);
		entry[40] = (uint8_t)c;
		put(m, TABLE_AT + 8 * i, p | (vslice[p] * 3) << 16);
		for (uint64_t n = 0; n < size / PAGE; n++) {
			pattern(page, full, get(m, TABLE_AT + 8 * i), n);
			if (full || n % 8 == 0)
				write_at(fd, page, PAGE,
				    2 * len + (i - 1) * size + n * PAGE);
		}
	}
	hash(m, m + HASH);
	write_at(fd, m, (size_t)len, 0);
	write_at(fd, m, (size_t)len, len);
	free(m);
	return close(fd) < 0;
}

static uint8_t *
read_copy(int fd, uint64_t at, uint64_t len)
{
	uint8_t *m = malloc((size_t)len);

	if (m == NULL)
		err(1, NULL);
	read_at(fd, m, (size_t)len, at);
	return m;
}

static int
set(char *argv[])
{
	int fd = open(argv[0], O_RDWR);
	uint8_t header[104];

	if (fd < 0)
		err(1, "%s", argv[0]);
	read_at(fd, header, sizeof(header), 0);
	uint64_t len = TABLE_AT + get(header, ATABLE);
	for (const char *w = argv[1]; *w != '\0'; w++) {
		uint64_t at = (*w | 0x20) == 'a' ? 0 : len;
		uint8_t *m = read_copy(fd, at, len);

		put(m, strtoull(argv[2], NULL, 0), strtoull(argv[3], NULL, 0));
		if (*w < 'a')
			hash(m, m + HASH);
		write_at(fd, m, (size_t)len, at);
		free(m);
	}
	return close(fd) < 0;
}

static void
check_copies(int fd, const uint8_t *m, uint64_t len, uint64_t size)
{
	uint8_t digest[32], *b = read_copy(fd, len, len);

	if (memcmp(m, "FVM PART", 8) != 0 || get(m, PTABLE) != 65536 ||
	    get(m, ATABLE) < blocks(8 * (get(m, COUNT) + 1)) ||
	    2 * len + get(m, COUNT) * size > get(m, TOTAL))
		errx(1, "header");
	hash(m, digest);
	if (memcmp(digest, m + HASH, 32) != 0)
		errx(1, "hash");
	if (memcmp(m, b, (size_t)len) != 0)
		errx(1, "the copies differ");
	free(b);
}

/* Compares the file's data from byte `at` on with what belongs there. */
static void
check_data(int fd, const uint8_t *m, uint64_t at, uint64_t end)
{
	uint64_t start = 2 * (TABLE_AT + get(m, ATABLE)), size = get(m, SIZE);
	uint8_t page[PAGE], want[PAGE];

	for (; at < end; at += PAGE) {
		uint64_t i = (at - start) / size + 1, entry = 0;

		if (i <= get(m, COUNT))
			entry = get(m, TABLE_AT + 8 * i);
		read_at(fd, page, PAGE, at);
		memset(want, 0, PAGE);
		if ((entry & 0xffff) != 0)
			pattern(want, m[BLOCK + 64 * (entry & 0xffff) + 36],
			    entry, (at - start) % size / PAGE);
		if (memcmp(page, want, PAGE) != 0)
			errx(1, "slice %" PRIu64 ", byte %" PRIu64, i, at);
	}
}

static int
check(char *argv[])
{
	int fd = open(argv[0], O_RDONLY);
	uint8_t header[104];
	struct stat st;
	uint64_t used = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		err(1, "%s", argv[0]);
	if (argv[1] != NULL && (uint64_t)st.st_size != strtoull(argv[1], 0, 0))
		errx(1, "length %jd", (intmax_t)st.st_size);
	read_at(fd, header, sizeof(header), 0);
	uint64_t len = TABLE_AT + get(header, ATABLE);
	uint64_t size = get(header, SIZE);
	if (len > 1 << 30 || size == 0)
		errx(1, "header");
	uint8_t *m = read_copy(fd, 0, len);
	check_copies(fd, m, len, size);
	for (uint64_t i = 1; i <= get(m, COUNT); i++) {
		bool allocated = (get(m, TABLE_AT + 8 * i) & 0xffff) != 0;

		used += allocated;
		/* Free ones are looked at below. */
		if (allocated)
			check_data(fd, m, 2 * len + (i - 1) * size,
			    2 * len + i * size);
	}
	for (off_t data = lseek(fd, (off_t)(2 * len), SEEK_DATA); data >= 0;) {
		off_t hole = lseek(fd, data, SEEK_HOLE);

		check_data(fd, m, (uint64_t)data / PAGE * PAGE, (uint64_t)hole);
		data = lseek(fd, hole, SEEK_DATA);
	}
	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", used,
	    get(m, COUNT), get(m, ATABLE), get(m, TOTAL));
	free(m);
	return 0;
}

int
main(int argc, char *argv[])
{
	if (argc >= 5 && strcmp(argv[1], "make") == 0)
		return make(argv + 2);
	if (argc == 6 && strcmp(argv[1], "set") == 0)
		return set(argv + 2);
	if (argc >= 3 && strcmp(argv[1], "check") == 0)
		return check(argv + 2);
	errx(2, "make, set or check");
}
