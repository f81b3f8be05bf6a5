/* A server of prepared answers, quick enough that what is measured is the client.
 *
 * Usage: quick FILE [COMMITS [PAGE OTHER]]. FILE holds records "KEY_LENGTH STATUS BODY_LENGTH\n" KEY BODY; a key is "METHOD TARGET" with the
 * parameters of its query sorted. A target that has none as asked is looked up without its query. The port, chosen by the
 * system on 127.0.0.1, is the first line of stdout. With COMMITS, every registration (POST .../versions) and every PUT
 * is a commit to one log that takes so many a second, one after another whoever asks, as a real registry's does; 0 is as many as come.
 * PAGE and OTHER are microseconds that a real registry thinks about a page of schemas, and about any other question. The end of stdin ends the server, so it never outlives its parent;
 * then it prints how often it was asked for what is not there, and the first of these questions.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_INPUT = 1 << 21, MOST_KEY = 4096, MOST_PARAMETERS = 16, STACK = 1 << 18 };

struct answer {
    char *key;
    size_t key_length;
    char *bytes;
    size_t length;
};

static struct answer *table;
static size_t table_size;
static struct answer missing;
static atomic_size_t unprepared;
static char first_unprepared[MOST_KEY];
static long long commit_nanoseconds, page_nanoseconds, other_nanoseconds;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void *allocate(size_t size) {
    void *memory = malloc(size);
    if (memory == NULL) die("malloc");
    return memory;
}

/* FNV-1a. */
static uint64_t hash(const char *bytes, size_t length) {
    uint64_t value = 14695981039346656037ULL;
    for (size_t i = 0; i < length; i++) value = (value ^ (unsigned char)bytes[i]) * 1099511628211ULL;
    return value;
}

static struct answer *slot(const char *key, size_t length) {
    size_t at = hash(key, length) & (table_size - 1);
    while (table[at].key != NULL && (table[at].key_length != length || memcmp(table[at].key, key, length) != 0))
        at = (at + 1) & (table_size - 1);
    return &table[at];
}

static struct answer make_answer(char *key, size_t key_length, int status, const char *body, size_t length) {
    char head[256];
    const char *reason = status == 200 ? "OK" : status == 404 ? "Not Found" : "Error";
    int head_length = snprintf(head, sizeof head,
                               "HTTP/1.1 %d %s\r\nContent-Type: application/vnd.schemaregistry.v1+json\r\n"
                               "Content-Length: %zu\r\n\r\n", status, reason, length);
    struct answer made = {key, key_length, allocate((size_t)head_length + length), (size_t)head_length + length};
    memcpy(made.bytes, head, (size_t)head_length);
    memcpy(made.bytes + head_length, body, length);
    return made;
}

static void load(const char *path) {
    size_t key_length, body_length, count = 0;
    int status;
    FILE *file = fopen(path, "rb");
    if (file == NULL) die(path);
    while (fscanf(file, "%zu %d %zu", &key_length, &status, &body_length) == 3) {
        if (fseek(file, (long)(1 + key_length + body_length), SEEK_CUR) != 0) die(path);
        count++;
    }
    for (table_size = 64; table_size < 2 * count; table_size *= 2) {}
    table = calloc(table_size, sizeof *table);
    if (table == NULL) die("calloc");
    rewind(file);
    while (fscanf(file, "%zu %d %zu", &key_length, &status, &body_length) == 3) {
        char *key = allocate(key_length + 1), *body = allocate(body_length + 1);
        fgetc(file);
        if (fread(key, 1, key_length, file) != key_length || fread(body, 1, body_length, file) != body_length) die(path);
        *slot(key, key_length) = make_answer(key, key_length, status, body, body_length);
        free(body);
    }
    fclose(file);
    static const char words[] = "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}";
    missing = make_answer(NULL, 0, 404, words, sizeof words - 1);
}

static int compare(const void *left, const void *right) {
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static const struct answer *answer_missing(const char *key) {
    if (atomic_fetch_add(&unprepared, 1) == 0) snprintf(first_unprepared, sizeof first_unprepared, "%s", key);
    return &missing;
}

/* Answer "METHOD TARGET"; the text is taken apart in place. */
static const struct answer *find(char *request) {
    char key[MOST_KEY];
    char *parameters[MOST_PARAMETERS], *rest;
    int count = 0;
    struct answer *found;
    char *query = strchr(request, '?');
    if (query == NULL) {
        found = slot(request, strlen(request));
        return found->key != NULL ? found : answer_missing(request);
    }
    *query++ = '\0';
    for (char *part = strtok_r(query, "&", &rest); part != NULL && count < MOST_PARAMETERS; part = strtok_r(NULL, "&", &rest))
        parameters[count++] = part;
    qsort(parameters, (size_t)count, sizeof *parameters, compare);
    size_t length = (size_t)snprintf(key, sizeof key, "%s", request);
    for (int i = 0; i < count && length < sizeof key; i++)
        length += (size_t)snprintf(key + length, sizeof key - length, "%c%s", i == 0 ? '?' : '&', parameters[i]);
    if (length < sizeof key && (found = slot(key, length))->key != NULL) return found;
    found = slot(request, strlen(request));
    return found->key != NULL ? found : answer_missing(length < sizeof key ? key : request);
}

static int is_commit(const char *request) {
    size_t length = strcspn(request, "?");
    static const char end[] = "/versions";
    if (strncmp(request, "PUT ", 4) == 0) return 1;
    return strncmp(request, "POST /subjects/", 15) == 0 && length >= sizeof end - 1 &&
           strncmp(request + length - (sizeof end - 1), end, sizeof end - 1) == 0;
}

static void pause_for(long long nanoseconds) {
    struct timespec pause = {.tv_sec = nanoseconds / 1000000000LL, .tv_nsec = nanoseconds % 1000000000LL};
    nanosleep(&pause, NULL);
}

/* Take a turn in the log: it is free again a fixed time after it last became so, or after now where it was idle. */
static void commit(void) {
    static long long is_free;
    struct timespec now;
    pthread_mutex_lock(&log_lock);
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long present = now.tv_sec * 1000000000LL + now.tv_nsec;
    is_free = (present > is_free ? present : is_free) + commit_nanoseconds;
    long long wait = is_free - present;
    pthread_mutex_unlock(&log_lock);
    pause_for(wait);
}

static int send_all(int connection, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t sent = send(connection, bytes, length, 0);
        if (sent <= 0) return 0;
        bytes += sent;
        length -= (size_t)sent;
    }
    return 1;
}

static size_t body_length(const char *head) {
    for (const char *line = strchr(head, '\n'); line != NULL; line = strchr(line, '\n')) {
        line++;
        if (strncasecmp(line, "content-length:", 15) == 0) return (size_t)strtoul(line + 15, NULL, 10);
    }
    return 0;
}

static void *serve(void *argument) {
    int connection = (int)(intptr_t)argument, is_open = 1;
    char *input = allocate(MOST_INPUT + 1);
    size_t filled = 0;
    while (is_open) {
        char *end;
        input[filled] = '\0';
        while ((end = strstr(input, "\r\n\r\n")) == NULL && filled < MOST_INPUT) {
            ssize_t got = recv(connection, input + filled, MOST_INPUT - filled, 0);
            if (got <= 0) goto closed;
            filled += (size_t)got;
            input[filled] = '\0';
        }
        if (end == NULL) break;
        *end = '\0';
        /* A GET carries no body, and looking for its length would be most of the work. */
        size_t whole = (size_t)(end + 4 - input) + (strncmp(input, "GET ", 4) == 0 ? 0 : body_length(input));
        if (whole > MOST_INPUT) break;
        while (filled < whole) {
            ssize_t got = recv(connection, input + filled, MOST_INPUT - filled, 0);
            if (got <= 0) goto closed;
            filled += (size_t)got;
        }
        char *version = strstr(input, " HTTP/1.");
        if (version == NULL) break;
        *version = '\0';
        int waits = commit_nanoseconds > 0 && is_commit(input);
        long long thinks = strncmp(input, "GET /schemas?", 13) == 0 ? page_nanoseconds : other_nanoseconds;
        const struct answer *found = find(input);
        if (waits) commit();
        if (thinks > 0) pause_for(thinks);
        is_open = send_all(connection, found->bytes, found->length);
        memmove(input, input + whole, filled - whole);
        filled -= whole;
    }
closed:
    free(input);
    close(connection);
    return NULL;
}

static void *accept_all(void *argument) {
    int listener = (int)(intptr_t)argument, yes = 1;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK);
    for (;;) {
        pthread_t thread;
        int connection = accept(listener, NULL, NULL);
        if (connection < 0) continue;
        setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (pthread_create(&thread, &attributes, serve, (void *)(intptr_t)connection) != 0) close(connection);
    }
    return NULL;
}

int main(int count, char **arguments) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    pthread_t acceptor;
    int listener;
    if (count < 2 || count == 4 || count > 5) {
        fprintf(stderr, "usage: quick FILE [COMMITS [PAGE OTHER]]\n");
        return 1;
    }
    if (count > 2 && atoi(arguments[2]) > 0) commit_nanoseconds = 1000000000LL / atoi(arguments[2]);
    if (count == 5) page_nanoseconds = atoll(arguments[3]) * 1000, other_nanoseconds = atoll(arguments[4]) * 1000;
    signal(SIGPIPE, SIG_IGN);
    load(arguments[1]);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0) die("bind");
    if (listen(listener, 128) != 0 || getsockname(listener, (struct sockaddr *)&address, &length) != 0) die("listen");
    if (pthread_create(&acceptor, NULL, accept_all, (void *)(intptr_t)listener) != 0) die("pthread_create");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    while (getchar() != EOF) {}
    printf("%zu %s\n", atomic_load(&unprepared), first_unprepared);
    return 0;
}
