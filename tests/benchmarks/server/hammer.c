/* A client as quick as the server: tells how many answers a second the server gives when nobody slows it down.
 *
 * Usage: hammer PORT CONNECTIONS FILE. FILE holds one target a line; each is read once over kept-alive connections, one
 * question at a time on each. Prints the seconds that it took.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_LINE = 4096, INPUT = 1 << 16 };

static char **targets;
static size_t target_count;
static atomic_size_t next_target;
static int port;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int connect_once(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int yes = 1, connection = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof address) != 0) die("connect");
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return connection;
}

static void read_answer(int connection) {
    char input[INPUT + 1];
    size_t filled = 0;
    char *end = NULL;
    while (end == NULL) {
        ssize_t got = recv(connection, input + filled, INPUT - filled, 0);
        if (got <= 0) die("recv");
        filled += (size_t)got;
        input[filled] = '\0';
        end = strstr(input, "\r\n\r\n");
    }
    char *header = strstr(input, "Content-Length: ");
    if (header == NULL || strncmp(input, "HTTP/1.1 200", 12) != 0) {
        fprintf(stderr, "hammer: answered %.60s\n", input);
        exit(1);
    }
    size_t rest = strtoul(header + 16, NULL, 10) - (filled - (size_t)(end + 4 - input));
    while (rest > 0) {
        ssize_t got = recv(connection, input, rest < INPUT ? rest : INPUT, 0);
        if (got <= 0) die("recv");
        rest -= (size_t)got;
    }
}

static void *ask(void *unused) {
    int connection = connect_once();
    for (;;) {
        char request[MOST_LINE + 64];
        size_t at = atomic_fetch_add(&next_target, 1);
        if (at >= target_count) break;
        int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", targets[at]);
        if (send(connection, request, (size_t)length, 0) != length) die("send");
        read_answer(connection);
    }
    close(connection);
    return unused;
}

static void load(const char *path) {
    char line[MOST_LINE];
    size_t room = 0;
    FILE *file = fopen(path, "r");
    if (file == NULL) die(path);
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (target_count == room && (targets = realloc(targets, (room = 2 * room + 64) * sizeof *targets)) == NULL)
            die("realloc");
        if ((targets[target_count++] = strdup(line)) == NULL) die("strdup");
    }
    fclose(file);
}

int main(int count, char **arguments) {
    struct timespec begin, end;
    if (count != 4) {
        fprintf(stderr, "usage: hammer PORT CONNECTIONS FILE\n");
        return 1;
    }
    port = atoi(arguments[1]);
    int connections = atoi(arguments[2]);
    pthread_t *threads = calloc((size_t)connections, sizeof *threads);
    load(arguments[3]);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int i = 0; i < connections; i++)
        if (pthread_create(&threads[i], NULL, ask, NULL) != 0) die("pthread_create");
    for (int i = 0; i < connections; i++) pthread_join(threads[i], NULL);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.6f\n", (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
    free(threads);
    return 0;
}
