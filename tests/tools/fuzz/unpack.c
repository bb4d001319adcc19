/* emu-unpack on any bytes: the member wanted comes out whole, or there is one
 * line that says why not. */
#include "unpack.h"
#include "fatal_end.h"
#include "one_file.h"

#include <fcntl.h>
#include <locale.h>
#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);

/* A few bytes can ask for a dictionary of gigabytes. There is none of 64 MiB
 * here, which make fuzz takes for too much: that is one more reason to tell.
 * What a failure leaves is freed by no one: the process ends. */
const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=63:detect_leaks=0";
}

static void
free_files(struct new_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		whole_file_close(&files->list[i]->whole);
		free(files->list[i]->path);
		free(files->list[i]);
	}
	free(files->list);
}

static void
free_member(void *node)
{
	struct member *member = node;

	free(member->path);
	free(member->target);
	free(member);
}

static void
free_nothing(void *node)
{
	(void)node;
}

static void
free_members(struct members *members)
{
	tdestroy(members->by_path, free_member);
	tdestroy(members->by_name, free_nothing);
	for (size_t i = 0; i < members->wanted; i++) {
		free(members->list[i].member);
		free(members->list[i].name);
		free(members->list[i].target);
	}
	free(members->list);
}

static void
take(const struct options *options, int fd, const char *directory, int dir)
{
	static struct new_files files;
	static struct unpack unpack;
	volatile bool made = false;

	files = (struct new_files){.lock = PTHREAD_MUTEX_INITIALIZER};
	unpack = (struct unpack){.options = options,
	    .files = &files,
	    .dir = dir,
	    .directory = directory,
	    .fd = fd,
	    .members.archive = "fuzz"};
	if (setjmp(fatal_end) == 0) {
		if (options->decompress) {
			one_file_make(&unpack);
		} else {
			members_want(&unpack.members, "k", NULL);
			unpack_archive(&unpack);
		}
		if (unlinkat(dir, "k", 0) != 0)
			abort();
		made = true;
	}
	if (!made && unlinkat(dir, "k", 0) == 0)
		abort();
	reader_close(&unpack.reader);
	free_members(&unpack.members);
	free_files(&files);
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
