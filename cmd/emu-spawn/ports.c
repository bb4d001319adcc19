#include "ports.h"

#include "output_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool
ports_wanted(char *const *argv)
{
	for (; *argv != NULL; argv++)
		if (strstr(*argv, "hostfwd=") != NULL)
			return true;
	return false;
}

/* The lines are of libslirp's slirp_connection_info:
 *   TCP[HOST_FORWARD]  12  127.0.0.1 45678  10.0.2.15 22  0 0 */
json_t *
ports_parse(const char *text)
{
	json_t *ports = json_array();
	char protocol[4];
	int host, guest;

	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, " %3[A-Z][HOST_FORWARD] %*d %*s %d %*s %d",
			protocol, &host, &guest) == 3)
			json_array_append_new(ports,
			    json_pack("{s:s, s:i, s:i}", "protocol",
				strcmp(protocol, "UDP") == 0 ? "udp" : "tcp",
				"guest", guest, "host", host));
	}
	return ports;
}

/* The text of the file, which the caller frees. */
static char *
print(const json_t *ports, size_t *len)
{
	char *text = NULL, *protocol;
	int guest, host;
	size_t i;
	json_t *port;
	FILE *out = open_memstream(&text, len);

	if (out == NULL)
		return NULL;
	/* By it a reader tells that the machine is still there. */
	fprintf(out, "pid %d\n", (int)getpid());
	json_array_foreach(ports, i, port)
	{
		if (json_unpack(port, "{s:s, s:i, s:i}", "protocol", &protocol,
			"guest", &guest, "host", &host) == 0)
			fprintf(out, "%s %d %d\n", protocol, guest, host);
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

int
ports_write(const json_t *ports, struct reason *why)
{
	const char *scratch = getenv("EMU_SCRATCH");
	char *path = NULL, *text = NULL;
	size_t len = 0;
	int result;

	if (scratch == NULL || scratch[0] == '\0')
		return 0;
	if (asprintf(&path, "%s/ports", scratch) < 0)
		return reason_memory(why);
	if (ports == NULL)
		result = output_file_remove(path, why);
	else if ((text = print(ports, &len)) == NULL)
		result = reason_memory(why);
	else
		result = output_file_write(path, text, len, why);
	free(text);
	free(path);
	return result;
}
