#include "remember.h"

#include "input.h"
#include "path.h"
#include "whole_file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOM = 1024, MOST = 8 << 20 };

/* Where an answer is, and what has to stand before it there. */
struct memory {
	char directory[ROOM];
	char path[ROOM + 32];
	char key[3 * ROOM];
};

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

static bool
find_directory(struct memory *memory)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	bool set = cache != NULL && cache[0] == '/';

	if (!set && (home == NULL || home[0] != '/'))
		return false;
	return snprintf(memory->directory, ROOM, "%s%s/emu", set ? cache : home,
		   set ? "" : "/.cache") < ROOM;
}

/* Returns false when nothing can be remembered. */
static bool
locate(struct memory *memory, const char *program, const char *question)
{
	char path[ROOM];
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a */
	struct stat st;

	if (strlen(question) >= ROOM || strchr(question, '\n') != NULL ||
	    strchr(program, '\n') != NULL || !find_directory(memory) ||
	    !find(program, path, sizeof(path), &st))
		return false;
	int n = snprintf(
	    memory->key, sizeof(memory->key), "%s\n%s", question, path);
	for (int i = 0; i < n; i++)
		h = (h ^ (unsigned char)memory->key[i]) * 0x100000001b3;
	snprintf(memory->path, sizeof(memory->path), "%s/emulator-%016" PRIx64,
	    memory->directory, h);
	snprintf(memory->key + n, sizeof(memory->key) - (size_t)n,
	    " %ju %ju %jd %jd.%ld %jd.%ld\n", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino, (intmax_t)st.st_size,
	    (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
	    (intmax_t)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
	return true;
}

/* Reads an answer that is the caller's own; HOME may be another user's. */
static int
read_own(const char *path, char **bytes, size_t *len)
{
	int fd = open(
	    path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct reason why;
	struct stat st;
	int result = -1;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid())
		result = input_read_fd(fd, path, MOST, bytes, len, &why);
	close(fd);
	return result;
}

char *
remember_get(const char *program, const char *question)
{
	char *kept, *answer = NULL;
	struct memory memory;
	size_t n;

	if (!locate(&memory, program, question) ||
	    read_own(memory.path, &kept, &n) < 0)
		return NULL;
	size_t len = strlen(memory.key);
	if (strncmp(kept, memory.key, len) == 0)
		answer = strdup(kept + len);
	free(kept);
	return answer;
}

void
remember_put(const char *program, const char *question, const char *answer)
{
	struct whole_file file;
	struct memory memory;
	const char *name;

	if (!locate(&memory, program, question))
		return;
	char *slash = strrchr(memory.directory, '/');
	*slash = '\0';
	mkdir(memory.directory, 0700);
	*slash = '/';
	mkdir(memory.directory, 0700);
	int dir = path_open_parent(memory.path, &name);
	if (dir < 0)
		return;
	if (whole_file_open(&file, dir, name, 0600) == 0) {
		if (dprintf(file.fd, "%s%s", memory.key, answer) > 0)
			whole_file_replace(&file);
		whole_file_close(&file);
	}
	close(dir);
}
