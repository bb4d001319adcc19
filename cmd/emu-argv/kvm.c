/* Whether the emulator can use KVM, and with it botanist's machine. */
#include "kvm.h"

#include "../fatal.h"
#include "ask.h"
#include "remember.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Firmware that sends a byte, counts 4 million down and ends the machine: three
 * milliseconds for a processor, half a second for one that is imitated at 16
 * million instructions a second. */
enum { ROM_SIZE = 65536, START_MS = 5000, RUN_MS = 500, EXIT_VALUE = 42 };

#define MS UINT64_C(1000000) /* nanoseconds */

/* At 0xf000, in real mode. */
static const unsigned char code_x86[] = {
    0xb0, 'k',                          /* mov $'k', %al */
    0xe6, 0xe9,                         /* out %al, $0xe9 */
    0x66, 0xb9, 0x00, 0x00, 0x40, 0x00, /* mov $0x400000, %ecx */
    0x66, 0x49,                         /* 1: dec %ecx */
    0x75, 0xfc,                         /* jnz 1b */
    0xb0, EXIT_VALUE,                   /* mov $42, %al */
    0xe6, 0xf4,                         /* out %al, $0xf4 */
    0xf4,                               /* hlt */
};

/* At the reset vector, 0xfff0. */
static const unsigned char reset_x86[] = {0xe9, 0x0d, 0xf0}; /* jmp 0xf000 */

/* At 0, where the processor starts. */
static const uint32_t code_arm64[] = {
    0xd2a12001, /* movz x1, #0x900, lsl #16: the pl011 */
    0x52800d60, /* mov w0, #'k' */
    0xb9000020, /* str w0, [x1] */
    0x52a00802, /* mov w2, #0x400000 */
    0x71000442, /* 1: subs w2, w2, #1 */
    0x54ffffe1, /* b.ne 1b */
    0x52800100, /* mov w0, #8 */
    0x72b08000, /* movk w0, #0x8400, lsl #16: PSCI SYSTEM_OFF */
    0xd4000002, /* hvc #0 */
    0x14000000, /* b . */
};

/* A processor of the host's, and how its firmware speaks. */
static const struct proof {
	const char *target, *host; /* as uname tells it */
	const void *code;
	size_t size;
	off_t at; /* of the code in the firmware */
	const char *options[4];
	int status; /* of an emulator that did it */
} proofs[] = {
#define X86 \
	"x86_64", code_x86, sizeof(code_x86), 0xf000, \
	    {"-device", "isa-debugcon,iobase=0xe9,chardev=c", "-device", \
		"isa-debug-exit,iobase=0xf4,iosize=4"}, \
	    2 * EXIT_VALUE + 1
    {"x64", X86},
    {"i386", X86},
    {"arm64", "aarch64", code_arm64, sizeof(code_arm64), 0,
	{"-serial", "chardev:c"}, 0},
};

static const struct proof *
find_proof(const char *target, struct reason *why)
{
	struct utsname host;

	if (uname(&host) < 0) {
		reason_errno(why, "uname");
		return NULL;
	}
	for (size_t i = 0; i < sizeof(proofs) / sizeof(proofs[0]); i++) {
		if (strcmp(proofs[i].target, target) == 0 &&
		    strcmp(proofs[i].host, host.machine) == 0)
			return &proofs[i];
	}
	reason_set(why, "a host %s cannot run %s", host.machine, target);
	return NULL;
}

/* Returns a descriptor of the firmware. An ARM does not come to what is at an
 * x86's reset vector. */
static int
make_rom(const struct proof *proof)
{
	int fd = memfd_create("firmware", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, ROM_SIZE) < 0 ||
	    pwrite(fd, proof->code, proof->size, proof->at) < 0 ||
	    pwrite(fd, reset_x86, sizeof(reset_x86), 0xfff0) < 0)
		fatal_errno("firmware");
	return fd;
}

static int
judge(struct ask *ask, const char *emulator, int status, struct reason *why)
{
	const char *complaint = ask_complaint(ask);

	if (ask->end == EXCHANGE_SLOW)
		return reason_set(why,
		    "it runs fewer than %d million instructions a second; in "
		    "a virtual machine, its host has to allow nested "
		    "virtualisation",
		    2 * 4 * 1000 / RUN_MS);
	if (ask->end == EXCHANGE_SILENT)
		return reason_set(why, "no instruction ran within %g s",
		    (double)START_MS / 1e3 * ask->scale);
	if (WIFEXITED(ask->status) && WEXITSTATUS(ask->status) == status &&
	    ask->exchange.out_size > 0)
		return 0;
	if (complaint[0] != '\0')
		return reason_set(why, "%s", complaint);
	if (WIFSIGNALED(ask->status))
		return reason_set(why, "%s died of signal %d", emulator,
		    WTERMSIG(ask->status));
	return reason_set(why, "%s exited with status %d", emulator,
	    WEXITSTATUS(ask->status));
}

static int
run(const struct machine *m, const struct proof *proof, const char *machine,
    const char *cpu, struct reason *why)
{
	const char *const *more = proof->options;
	const char *argv[] = {m->emulator, "-nodefaults", "-display", "none",
	    "-machine", machine, "-accel", "kvm", "-cpu", cpu, "-m", "16",
	    "-no-reboot", "-bios", "/dev/fd/3", "-chardev",
	    "stdio,id=c,signal=off", more[0], more[1], more[2], more[3], NULL};
	struct ask ask = {
	    .argv = argv,
	    .file = make_rom(proof),
	    .scale = m->scale,
	    .exchange = {.first = START_MS * MS, .rest = RUN_MS * MS},
	};
	int result = ask_run(&ask, why);

	if (result == 0)
		result = judge(&ask, m->emulator, proof->status, why);
	close(ask.file);
	free(ask.exchange.out);
	free(ask.exchange.err);
	return result;
}

/* What can be done about a /dev/kvm that cannot be opened. */
static int
no_device(struct reason *why)
{
	const char *text = strerror(errno);

	if (errno == EACCES)
		return reason_set(why,
		    "/dev/kvm: %s; join the group that owns it, usually kvm",
		    text);
	if (errno == ENOENT || errno == ENODEV || errno == ENXIO)
		return reason_set(why,
		    "/dev/kvm: %s; virtualisation has to be enabled in the "
		    "firmware, or, in a virtual machine, by its host (nested "
		    "virtualisation)",
		    text);
	return reason_set(why, "/dev/kvm: %s", text);
}

/* The question, whose answer holds for this kernel, this machine, and the
 * rights of /dev/kvm, which is open as kvm. */
static void
make_question(char *question, size_t size, int kvm, const struct machine *m,
    const char *machine, const char *cpu)
{
	struct utsname host = {.release = ""};
	struct stat st = {0};

	uname(&host);
	fstat(kvm, &st);
	snprintf(question, size,
	    "kvm %s %.300s %.300s, %s %s, %o %u %u %jd.%ld", m->target->name,
	    machine, cpu, host.release, host.version, st.st_mode, st.st_uid,
	    st.st_gid, (intmax_t)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
}

/* Returns whether an answer is kept, and stores what it says: "yes", or the
 * time until which a failure holds, and its reason. */
static bool
recall(const struct machine *m, const char *question, int *result,
    struct reason *why)
{
	char *answer = remember_get(m->emulator, question);
	long long until = 0;
	int at = 0;

	*result = 0;
	bool found = answer != NULL && strcmp(answer, "yes") == 0;
	if (answer != NULL && sscanf(answer, "%lld %n", &until, &at) == 1 &&
	    at > 0 && until >= time(NULL)) {
		*result = reason_set(why, "%s", answer + at);
		found = true;
	}
	free(answer);
	return found;
}

/* A failure may pass, another emulator's VT-x or a busy machine: it is kept for
 * an hour. */
static void
keep(const struct machine *m, const char *question, int result,
    const struct reason *why)
{
	char answer[512] = "yes";

	if (result < 0)
		snprintf(answer, sizeof(answer), "%lld %.400s",
		    (long long)time(NULL) + 3600, why->text);
	remember_put(m->emulator, question, answer);
}

/* Asks the emulator to run a few million instructions under KVM with this
 * machine and CPU. Returns 0 when it does so at a processor's speed. */
static int
prove(const struct machine *m, const char *machine, const char *cpu,
    struct reason *why)
{
	const struct proof *proof = find_proof(m->target->name, why);
	char question[1000];
	int result;

	if (proof == NULL)
		return -1;
	/* Asking costs 50 ms; opening, which often says no, nothing. */
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return no_device(why);
	make_question(question, sizeof(question), fd, m, machine, cpu);
	close(fd);
	if (recall(m, question, &result, why))
		return result;
	result = run(m, proof, machine, cpu, why);
	keep(m, question, result, why);
	return result;
}

/* The value that the era's machine under KVM has for the option, or absent. */
static const char *
era_value(const json_t *words, const char *option, const char *absent)
{
	for (size_t i = 0; i < json_array_size(words); i++) {
		const json_t *pair = json_array_get(words, i);
		const char *name = json_string_value(json_array_get(pair, 0));

		if (name != NULL && strcmp(name, option) == 0)
			return json_string_value(json_array_get(pair, 1));
	}
	return absent;
}

/* Whether the emulator runs this machine under KVM. */
static int
try_kvm(const struct machine *m, struct reason *why)
{
	const json_t *words =
	    flavor_machine(&m->flavor, m->target->name, true, m->aemu != 0);
	const char *machine = m->machine, *cpu = m->cpu_model;

	if (m->guest == GUEST_FUCHSIA && words == NULL)
		return reason_set(why, "flavor %s has no KVM for target %s",
		    m->flavor.name, m->target->name);
	if (machine == NULL)
		machine = era_value(words, "-machine", m->target->machine);
	if (cpu == NULL)
		cpu = era_value(words, "-cpu", "host");
	return prove(m, machine, cpu, why);
}

static bool
is_host(const char *cpu)
{
	return cpu != NULL && strncmp(cpu, "host", 4) == 0 &&
	       (cpu[4] == '\0' || cpu[4] == ',');
}

static void
decide_auto(struct machine *m)
{
	struct reason cause;

	m->kvm = try_kvm(m, &cause) == 0;
	/* A fallback is loud, for it costs a factor of ten. */
	if (!m->kvm)
		warnx("%s: kvm: using TCG: %s", m->document->name, cause.text);
	if (!m->kvm && is_host(m->cpu_model))
		m->cpu_model = NULL;
}

void
kvm_decide(struct machine *m)
{
	if (m->kvm == 2)
		decide_auto(m);
	if (m->guest == GUEST_FUCHSIA)
		m->era_words = flavor_machine(
		    &m->flavor, m->target->name, m->kvm != 0, m->aemu != 0);
	if (m->guest == GUEST_FUCHSIA && m->era_words == NULL)
		machine_fault(m, "kvm", "",
		    "flavor %s has no KVM for target \"%s\"", m->flavor.name,
		    m->target->name);
	m->machine_value = m->machine;
	if (m->machine == NULL)
		m->machine_value =
		    era_value(m->era_words, "-machine", m->target->machine);
}
