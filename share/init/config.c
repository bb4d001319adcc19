#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *
read_file(const char *path, size_t *len)
{
	struct stat st;
	char *text = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0)
		text = malloc((size_t)st.st_size + 1);
	if (text != NULL && read(fd, text, (size_t)st.st_size) != st.st_size) {
		free(text);
		text = NULL;
		errno = EIO;
	}
	if (text != NULL) {
		*len = (size_t)st.st_size;
		text[*len] = '\0';
	}
	close(fd);
	return text;
}

static int
number(const char *text, unsigned *value)
{
	char *end;

	errno = 0;
	unsigned long n = strtoul(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || n > (uid_t)-1)
		return -1;
	*value = (unsigned)n;
	return 0;
}

static int
add_group(struct config *config, const char *value)
{
	if (config->group_count == CONFIG_GROUPS)
		return 0; /* the kernel of the host may allow more */
	return number(value, &config->groups[config->group_count++]);
}

static int
add_bind(struct config *config, char *value)
{
	char *colon = strchr(value, ':');

	if (colon == NULL || config->bind_count == CONFIG_BINDS)
		return -1;
	*colon = '\0';
	config->binds[config->bind_count++] =
	    (struct bind){.tag = value, .path = colon + 1};
	return 0;
}

static int
add_word(char *list[CONFIG_WORDS], size_t *count, char *value)
{
	if (*count + 1 >= CONFIG_WORDS)
		return -1;
	list[(*count)++] = value;
	return 0;
}

static int
take(struct config *config, const char *key, char *value)
{
	if (strcmp(key, "root") == 0)
		config->root = value;
	else if (strcmp(key, "type") == 0)
		config->type = value;
	else if (strcmp(key, "directory") == 0)
		config->directory = value;
	else if (strcmp(key, "uid") == 0)
		return number(value, &config->uid);
	else if (strcmp(key, "gid") == 0)
		return number(value, &config->gid);
	else if (strcmp(key, "group") == 0)
		return add_group(config, value);
	else if (strcmp(key, "bind") == 0)
		return add_bind(config, value);
	else if (strcmp(key, "arg") == 0)
		return add_word(config->argv, &config->argc, value);
	else if (strcmp(key, "env") == 0)
		return add_word(config->env, &config->envc, value);
	else
		return -1;
	return 0;
}

int
config_read(struct config *config)
{
	size_t len = 0;
	char *text = read_file(CONFIG_FILE, &len);

	if (text == NULL)
		return -1;
	for (char *at = text; at < text + len;) {
		char *next = at + strlen(at) + 1;
		char *equals = strchr(at, '=');

		if (equals != NULL)
			*equals = '\0';
		if (equals == NULL || take(config, at, equals + 1) < 0) {
			errno = EINVAL;
			return -1;
		}
		at = next;
	}
	if (config->root != NULL && config->type != NULL &&
	    config->directory != NULL && config->argc > 0)
		return 0;
	errno = EINVAL;
	return -1;
}
