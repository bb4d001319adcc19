#include "remember.h"

#include "whole_file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Finds the program as execvp(3) would. */
static bool
find(const char *program, char *path, size_t size, struct stat *st)
{
	const char *dirs = getenv("PATH");

	if (strchr(program, '/') != NULL)
		return snprintf(path, size, "%s", program) < (int)size &&
		       stat(path, st) == 0;
	while (dirs != NULL && dirs[0] != '\0') {
		int len = (int)strcspn(dirs, ":");
		int n = snprintf(path, size, "%.*s/%s", len, dirs, program);

		if (n < (int)size && access(path, X_OK) == 0 &&
		    stat(path, st) == 0 && S_ISREG(st->st_mode))
			return true;
		dirs += len;
		dirs += dirs[0] == ':';
	}
	return false;
}

void
remember_key(
    struct remember *remember, const char *program, const char *question)
{
	char path[REMEMBER_ROOM / 2];
	struct stat st;
	int n = REMEMBER_ROOM;

	if (strchr(question, '\n') == NULL && strchr(program, '\n') == NULL &&
	    find(program, path, sizeof(path), &st))
		n = snprintf(remember->key, sizeof(remember->key),
		    "%s\n%s %ju %ju %jd %jd.%ld %jd.%ld\n", question, path,
		    (uintmax_t)st.st_dev, (uintmax_t)st.st_ino,
		    (intmax_t)st.st_size, (intmax_t)st.st_mtim.tv_sec,
		    st.st_mtim.tv_nsec, (intmax_t)st.st_ctim.tv_sec,
		    st.st_ctim.tv_nsec);
	if (n >= REMEMBER_ROOM)
		remember->key[0] = '\0';
}

/* The memory's directory, made when it is not there. Returns a descriptor, or
 * -1. */
static int
open_memory(void)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	char *path = NULL;
	int fd = -1;

	if (cache != NULL && cache[0] == '/') {
		if (asprintf(&path, "%s/emu", cache) < 0)
			path = NULL;
	} else if (home != NULL && home[0] == '/') {
		if (asprintf(&path, "%s/.cache/emu", home) < 0)
			path = NULL;
	}
	if (path == NULL)
		return -1;
	char *slash = strrchr(path, '/');
	*slash = '\0';
	mkdir(path, 0700);
	*slash = '/';
	mkdir(path, 0700);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(path);
	return fd;
}

/* The name of the file for a question to a program (FNV-1a); the rest of the
 * key may change, and takes the place of what it was. */
static void
make_name(const struct remember *remember, char name[static 32])
{
	const char *question_end = strchr(remember->key, '\n');
	const char *end = strchr(question_end + 1, ' ');
	uint64_t h = 0xcbf29ce484222325;

	for (const char *p = remember->key; p < end; p++)
		h = (h ^ (unsigned char)*p) * 0x100000001b3;
	snprintf(name, 32, "emulator-%016" PRIx64, h);
}

bool
remember_get(const struct remember *remember, char *text, size_t size)
{
	char name[32], kept[2 * REMEMBER_ROOM];
	size_t len = strlen(remember->key);
	ssize_t n = -1;

	if (len == 0)
		return false;
	int dir = open_memory();
	make_name(remember, name);
	int fd = dir < 0 ? -1
			 : openat(dir, name,
			       O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, kept, sizeof(kept) - 1);
		close(fd);
	}
	if (dir >= 0)
		close(dir);
	if (n < (ssize_t)len || memcmp(kept, remember->key, len) != 0)
		return false;
	kept[n] = '\0';
	snprintf(text, size, "%s", kept + len);
	return true;
}

void
remember_put(const struct remember *remember, const char *answer)
{
	struct whole_file file;
	char name[32];

	if (remember->key[0] == '\0')
		return;
	int dir = open_memory();
	if (dir < 0)
		return;
	make_name(remember, name);
	if (whole_file_open(&file, dir, name, 0600) == 0) {
		if (dprintf(file.fd, "%s%s", remember->key, answer) > 0)
			whole_file_replace(&file);
		whole_file_close(&file);
	}
	close(dir);
}
