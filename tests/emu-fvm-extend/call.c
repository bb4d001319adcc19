/* Calls the pure functions of emu-fvm-extend with numbers from the command
 * line.
 *
 *   call grow SLICE_SIZE SLICES TABLE_SIZE PARTITION_SIZE LENGTH
 *   call newer GENERATION_A GENERATION_B
 *   call hashed SLICES SLICE_SIZE PARTITION_SIZE TABLE_SIZE
 *   call runs MAP          '.' is a free slice
 *   call kind FILE
 */
#include "fvm.h"
#include "magic.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t
number(const char *text)
{
	return strtoull(text, NULL, 10);
}

static int
grow(char *argv[])
{
	struct geometry old = {.slice_size = number(argv[0]),
	    .slices = number(argv[1]),
	    .table_size = number(argv[2]),
	    .partition_size = number(argv[3])};
	struct geometry new;
	struct reason why = {""};

	if (growth_plan(&old, number(argv[4]), &new, &why) < 0)
		errx(1, "%s", why.text);
	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", new.slices,
	    new.table_size, new.partition_size);
	return 0;
}

static int
hashed(char *argv[])
{
	struct fvm_header h = {.slices = number(argv[0]),
	    .slice_size = number(argv[1]),
	    .partition_size = number(argv[2]),
	    .table_size = number(argv[3])};

	printf(
	    "%" PRIu64 " %" PRIu64 "\n", fvm_hashed(&h), fvm_hashed_2020(&h));
	return 0;
}

static int
runs(const char *map)
{
	size_t count = strlen(map);
	uint8_t *m = calloc(1, FVM_TABLE + 8 * (count + 1));

	if (m == NULL)
		err(1, NULL);
	for (size_t i = 0; i < count; i++)
		m[FVM_TABLE + 8 * (i + 1)] = map[i] != '.';
	struct fvm_run run = fvm_run_after(m, count, 1);
	for (; run.count > 0;
	     run = fvm_run_after(m, count, run.first + run.count))
		printf("%" PRIu64 "+%" PRIu64 " ", run.first, run.count);
	printf("\n");
	free(m);
	return 0;
}

static int
kind(const char *file)
{
	uint8_t bytes[MAGIC_BYTES];
	FILE *f = fopen(file, "rb");

	if (f == NULL)
		err(1, "%s", file);
	const struct magic *k =
	    magic_find(bytes, fread(bytes, 1, sizeof(bytes), f));
	fclose(f);
	puts(k == NULL ? "unknown" : k->what);
	return 0;
}

int
main(int argc, char *argv[])
{
	if (argc == 7 && strcmp(argv[1], "grow") == 0)
		return grow(argv + 2);
	if (argc == 6 && strcmp(argv[1], "hashed") == 0)
		return hashed(argv + 2);
	if (argc == 3 && strcmp(argv[1], "runs") == 0)
		return runs(argv[2]);
	if (argc == 3 && strcmp(argv[1], "kind") == 0)
		return kind(argv[2]);
	if (argc == 4 && strcmp(argv[1], "newer") == 0) {
		puts(fvm_first_is_newer(number(argv[2]), number(argv[3]))
			 ? "A"
			 : "B");
		return 0;
	}
	errx(2, "grow, newer, hashed, runs or kind");
}
