/* emu-unpack on any bytes: the member wanted comes out whole, or there is one
 * line that says why not. */
#include "unpack.h"
#include "one_file.h"

#include <fcntl.h>
#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);

/* A few bytes can ask for a dictionary of gigabytes. There is none of 64 MiB
 * here, which make fuzz takes for too much: that is one more reason to tell. */
const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=63";
}

static void
take(const struct options *options, int fd, const char *directory, int dir)
{
	struct new_files files = {.lock = PTHREAD_MUTEX_INITIALIZER};
	struct unpack unpack = {.options = options,
	    .files = &files,
	    .dir = dir,
	    .directory = directory,
	    .fd = fd,
	    .members.archive = "fuzz"};
	struct reason why = {""};
	int r;

	if (options->decompress)
		r = one_file_make(&unpack, &why);
	else if (members_want(&unpack.members, "k", NULL, &why) < 0)
		abort();
	else
		r = unpack_archive(&unpack, &why);
	if (r < 0 && (why.text[0] == '\0' || strchr(why.text, '\n') != NULL))
		abort();
	if ((unlinkat(dir, "k", 0) == 0) != (r == 0))
		abort();
	members_free(&unpack.members);
	new_files_free(&files);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char directory[] = "/dev/shm/emu-fuzz-XXXXXX", name[] = "k";
	char *operands[] = {name};
	struct options options = {.source = "fuzz",
	    .name = "fuzz",
	    .operands = operands,
	    .count = 1,
	    .max = 64 << 10};
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	setlocale(LC_CTYPE, "C.UTF-8");
	if (fd < 0 || write(fd, data, size) != (ssize_t)size ||
	    mkdtemp(directory) == NULL)
		abort();
	int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int decompress = 0; decompress <= 1; decompress++) {
		options.decompress = decompress;
		if (lseek(fd, 0, SEEK_SET) != 0)
			abort();
		take(&options, fd, directory, dir);
	}
	close(dir);
	close(fd);
	if (rmdir(directory) < 0)
		abort();
	return 0;
}
