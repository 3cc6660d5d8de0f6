/* Inside a tier: runs the tests of a C or C++ answer, which were compiled apart from this. An assertion that must fail
   is tried before and after them in a process of its own: whoever made assertions say yes is found out. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int __real_main(int, char **);
void evolve_decoy(int);

void evolve_failed(const char *what, const char *file, int line) {
    fflush(stdout);
    fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, what);
    abort();
}

static int fails(int number) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr) || !freopen("/dev/null", "w", stdout)) _exit(0);
        evolve_decoy(number);
        _exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void end(const char *said) {
    fflush(stdout);
    if (write(@REPLY@, said, strlen(said)) < 0 || write(@REPLY@, "\n", 1) < 0) _exit(1);
    _exit(0);
}

int __wrap_main(int count, char **arguments) {
    char nonce[64] = {0};
    ssize_t size = read(@PROOF@, nonce, sizeof nonce - 1);
    close(@PROOF@);
    if (size > 0) nonce[size - 1] = 0;
    if (!fails(@NUMBER@)) end("forged");
    int code = __real_main(count, arguments);
    fflush(stdout);
    if (code) {
        fprintf(stderr, "main returned %d\n", code);
        _exit(1);
    }
    end(fails(@NUMBER@) ? nonce : "forged");
}
