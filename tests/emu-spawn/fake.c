/* fake WORD...: plays an emulator, a reader or a writer; does the words from
 * left to right:
 *
 *   out=N,BLOCK   writes N bytes of a pattern to stdout, BLOCK at a time
 *   err=N         writes N bytes x to stderr
 *   in=N,MS       reads N bytes of the pattern from stdin, resting MS after
 * each 64 KiB; says on stderr how many came and which is wrong all=N reads
 * until the end, which should come after N bytes tty=TEXT      writes TEXT to
 * the controlling terminal say=TEXT      writes TEXT and a newline to stdout
 *   wait=MS       does nothing for so long
 *   stubborn      ignores SIGTERM
 *   hold          leaves a child of another session behind that holds
 *                 everything open
 *   keys          shows each byte that it reads as <a> or <^C>; w is the size
 * of the terminal, q the end kill=N, exit=N */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 65536 };

static unsigned char
pattern(unsigned long i)
{
	return (i ^ (i >> 8) ^ (i >> 16)) & 0xff;
}

static void
rest(unsigned long ms)
{
	struct timespec t = {.tv_sec = (time_t)(ms / 1000),
	    .tv_nsec = (long)(ms % 1000) * 1000000};

	nanosleep(&t, NULL);
}

static void
write_all(int fd, const unsigned char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0)
			err(99, "write");
		p += n;
		len -= (size_t)n;
	}
}

static void
out(unsigned long total, unsigned long block)
{
	static unsigned char buf[CHUNK];

	if (block == 0 || block > CHUNK)
		block = 4096;
	for (unsigned long i = 0; i < total; i += block) {
		size_t len = total - i < block ? total - i : block;

		for (size_t k = 0; k < len; k++)
			buf[k] = pattern(i + k);
		write_all(STDOUT_FILENO, buf, len);
	}
}

static void
noise(unsigned long total)
{
	while (total-- > 0)
		write_all(STDERR_FILENO, (const unsigned char *)"x", 1);
}

/* Exits with 98 when it is not the pattern, or not so much of it. */
static void
in(unsigned long total, unsigned long ms, int to_the_end)
{
	static unsigned char buf[CHUNK];
	unsigned long i = 0, rested = 0;

	while (to_the_end || i < total) {
		size_t most =
		    to_the_end || total - i > CHUNK ? CHUNK : total - i;
		ssize_t n = read(STDIN_FILENO, buf, most);

		if (n <= 0)
			break;
		for (ssize_t k = 0; k < n; k++, i++)
			if (buf[k] != pattern(i))
				errx(98, "byte %lu is wrong", i);
		if (ms > 0 && i / CHUNK > rested) {
			rested = i / CHUNK;
			rest(ms);
		}
	}
	if (i != total)
		errx(98, "%lu bytes of %lu", i, total);
	warnx("%lu bytes", i);
}

static void
to_tty(const char *text)
{
	int fd = open("/dev/tty", O_WRONLY);

	if (fd < 0)
		err(99, "/dev/tty");
	write_all(fd, (const unsigned char *)text, strlen(text));
	close(fd);
}

static void
hold(void)
{
	if (fork() == 0) {
		setsid();
		signal(SIGHUP, SIG_IGN);
		rest(60000);
		_exit(0);
	}
}

static void
keys(void)
{
	struct winsize size = {0};
	unsigned char c = 0;

	while (c != 'q' && read(STDIN_FILENO, &c, 1) == 1) {
		if (c < 0x20)
			dprintf(STDOUT_FILENO, "<^%c>", c + 0x40);
		else
			dprintf(STDOUT_FILENO, "<%c>", c);
		if (c == 'w' && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
			dprintf(
			    STDOUT_FILENO, "%d %d", size.ws_row, size.ws_col);
	}
}

static int
is(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(word, name, len) == 0;
}

static void
act(const char *word)
{
	size_t len = strcspn(word, "=");
	const char *value = word[len] == '=' ? word + len + 1 : "";
	char *end;
	unsigned long n = strtoul(value, &end, 10);
	unsigned long more = *end == ',' ? strtoul(end + 1, NULL, 10) : 0;

	if (is(word, len, "out"))
		out(n, more);
	else if (is(word, len, "err"))
		noise(n);
	else if (is(word, len, "in"))
		in(n, more, 0);
	else if (is(word, len, "all"))
		in(n, more, 1);
	else if (is(word, len, "tty"))
		to_tty(value);
	else if (is(word, len, "say"))
		printf("%s\n", value), fflush(stdout);
	else if (is(word, len, "wait"))
		rest(n);
	else if (is(word, len, "stubborn"))
		signal(SIGTERM, SIG_IGN);
	else if (is(word, len, "hold"))
		hold();
	else if (is(word, len, "keys"))
		keys();
	else if (is(word, len, "kill"))
		raise((int)n);
	else if (is(word, len, "exit"))
		exit((int)n);
	else
		errx(97, "what is %s", word);
}

int
main(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++)
		act(argv[i]);
	return 0;
}
