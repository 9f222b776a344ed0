/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * base/limits.h - every limit on what somebody else controls, with its reason.
 *
 * Bytes are bytes, depths are levels, counts are items. A limit that is hit is an error that names the limit
 * (ERR_LIMIT); it never truncates silently.
 */

/* Text of one kind that is read whole. Debian's largest control file is under 100 KB. */
#define LIMIT_CONTROL_BYTES (4ULL << 20)
#define LIMIT_RELEASE_BYTES (16ULL << 20) /* InRelease: 0.2 MB today */
#define LIMIT_INDEX_BYTES   (1ULL << 30)  /* Packages: 48 MB, Contents: 150 MB unpacked today */
#define LIMIT_SOURCES_BYTES (1ULL << 20)  /* one file of apt sources */
#define LIMIT_KEYRING_BYTES (16ULL << 20)
#define LIMIT_JSON_BYTES    (64ULL << 20) /* a manifest is under 4 MB by the registry's own limit */
#define LIMIT_JSON_DEPTH    128           /* deeper than any document that people write */
#define LIMIT_JSON_NODES    (4U << 20)

#define LIMIT_TOML_BYTES   (64ULL << 20) /* a uv.lock of a thousand packages is 3 MB */
#define LIMIT_TOML_DEPTH   64            /* arrays and inline tables are read by recursion */
#define LIMIT_TOML_NODES   (4U << 20)
#define LIMIT_TOML_MEMBERS 20000 /* of one table: each key is looked up among the others */

/* YAML. A stream is read document by document; an object of a cluster is under 1.5 MB by its store's own limit. */
#define LIMIT_YAML_STREAM_BYTES   (1ULL << 30)
#define LIMIT_YAML_DOCUMENT_BYTES (64ULL << 20)
#define LIMIT_YAML_DEPTH          128        /* as JSON; libyaml's time grows with depth times length */
#define LIMIT_YAML_NODES          (4U << 20) /* of one document */
#define LIMIT_YAML_ALIASES        (1U << 16) /* uses in one document */
#define LIMIT_YAML_EXPANDED_NODES (1U << 18) /* made by the aliases of one document: 36 MB */
#define LIMIT_YAML_COMMENT_BYTES  (1U << 14) /* of a line, around a node whose comments are looked for */

/* Packages and layers. Debian's largest package is 1.2 GB; an image layer may be larger. */
#define LIMIT_DEB_BYTES          (4ULL << 30)
#define LIMIT_DEB_UNPACKED_BYTES (16ULL << 30)
#define LIMIT_DEB_CONTROL_BYTES  (64ULL << 20) /* control.tar unpacked; md5sums of 80,000 files are 8 MB */
#define LIMIT_AR_NAMES_BYTES     (1ULL << 20)  /* the table of long names; packages have none */
#define LIMIT_LAYER_BYTES        (64ULL << 30)
#define LIMIT_LAYERS             512 /* engines stop at 127 */
#define LIMIT_TAR_ENTRIES        (4U << 20)
#define LIMIT_TAR_NAME_BYTES     4096       /* PATH_MAX */
#define LIMIT_TAR_PAX_BYTES      (1U << 20) /* one extended header */
#define LIMIT_EXPANSION_RATIO    1100       /* bound of deflate; zstd and xz bombs are bounded by bytes */

/* Images. Registries take manifests of at most 4 MB; a config grows with its history. */
#define LIMIT_MANIFEST_BYTES  (4ULL << 20)
#define LIMIT_CONFIG_BYTES    (8ULL << 20)
#define LIMIT_INDEX_MANIFESTS 4096 /* entries of one index: platforms, or tags in a layout */
#define LIMIT_INDEX_DEPTH     4    /* an index that names an index */
#define LIMIT_REFERENCE_BYTES 255  /* of a whole name; the reference grammar's own */

/* ELF: the largest tables seen are below a tenth of these. */
#define LIMIT_ELF_BYTES       (4ULL << 30)
#define LIMIT_ELF_HEADERS     4096 /* program headers; section headers are optional */
#define LIMIT_ELF_NEEDED      4096
#define LIMIT_ELF_VERSIONS    8192 /* needs are compared with definitions one by one */
#define LIMIT_ELF_SYMBOLS     (16U << 20)
#define LIMIT_ELF_NAME_BYTES  4096
#define LIMIT_CLOSURE_OBJECTS 8192
#define LIMIT_ELF_CANDIDATES  16384 /* places where one library may lie */

/* Debian's resolver: 60,000 packages in an archive, hundreds in an image. */
#define LIMIT_PACKAGES                1000000
#define LIMIT_DEPENDENCY_ALTERNATIVES 1024
#define LIMIT_FIELD_BYTES             (1U << 20)

/* Files that a person names. */
#define LIMIT_APP_FILES          1000000
#define LIMIT_PROJECT_DEPTH      256           /* directories one in the other */
#define LIMIT_PROJECT_READ_BYTES (64ULL << 20) /* of one file that is read whole and is no ELF file: a RECORD */
#define LIMIT_PROJECT_KEPT_BYTES (8ULL << 30)  /* of all files that are read; CUDA's libraries for Python take 5 GB */
#define LIMIT_IGNORE_BYTES       (1ULL << 20)  /* of a .dockerignore */
#define LIMIT_IGNORE_PATTERNS    10000
#define LIMIT_AUTHORITY_BYTES    (16ULL << 20) /* of one file of --ca; Mozilla's whole bundle has 220 KB */
#define LIMIT_AUTHORITIES        10000         /* certificates that join the bundle: each TLS client reads them all */
#define LIMIT_APPLETS            1024          /* of one busybox; 1.35 has 397 in all */
#define LIMIT_LINK_DEPTH         40            /* ELOOP's */

/* Downloads. */
#define LIMIT_REDIRECTS         10
#define LIMIT_DOWNLOADS_AT_ONCE 8

/* Dockerfiles: the largest that people write are a few hundred lines; generated ones thousands. */
#define LIMIT_DOCKERFILE_BYTES           (4ULL << 20)
#define LIMIT_DOCKERFILE_INSTRUCTIONS    200000
#define LIMIT_DOCKERFILE_WORDS           (1U << 20)    /* in all instructions; about 30 bytes each */
#define LIMIT_DOCKERFILE_STAGES          512           /* a variable is looked for in each stage of a chain */
#define LIMIT_DOCKERFILE_FLAGS           1024          /* of one instruction; each is compared with those before it */
#define LIMIT_DOCKERFILE_EXPANSION_BYTES (64U << 10)   /* one word; ENV A=$A$A doubles with each line */
#define LIMIT_DOCKERFILE_EXPANDED_BYTES  (16ULL << 20) /* all words of a file */
#define LIMIT_DOCKERFILE_EXPANSION_DEPTH 32            /* ${A:-${B:-...}} is read by recursion */
#define LIMIT_DOCKERFILE_PATTERN_BYTES   256           /* of ${V#pattern} */
#define LIMIT_DOCKERFILE_PATTERN_STEPS   (64ULL << 20) /* comparisons of one file; matching is super-linear */
#define LIMIT_DOCKERFILE_ORIGINS         16            /* places that one value is traced to */

/* barehull.yaml. What people write has a few images of a few dozen lines. */
#define LIMIT_BUILD_FILE_BYTES  (256 << 10)
#define LIMIT_BUILD_FILE_IMAGES 64
#define LIMIT_BUILD_FILE_ITEMS  4096 /* of one list: the settings look each one up among the others */

/* Checking. */
#define LIMIT_POLICY_BYTES (1U << 20) /* .barehull.yaml */
/* Commands of a shell: the longest RUN of a Dockerfile that people write has a few hundred words. */
#define LIMIT_SHELL_WORDS    (1U << 16) /* of one script */
#define LIMIT_SHELL_DEPTH    24         /* $(... $(...)) is read by recursion */
#define LIMIT_SHELL_HEREDOCS 8          /* that begin in one line */
#define LIMIT_WAIVERS        4096       /* of one document; each finding is held against all of them */

/*
 * Kubernetes manifests. The facts of a container are some 10 KB, whatever its text; real pods have a few. An object of
 * a cluster is under 1.5 MB by its store's own limit, which is about as many values as here.
 */
#define LIMIT_KUBERNETES_CONTAINERS  2000       /* of one pod: 20 MB */
#define LIMIT_KUBERNETES_POD_VALUES  (1U << 16) /* of one pod's spec: a volume of 3 bytes is 1 KB of facts */
#define LIMIT_KUBERNETES_SUGGESTIONS 64         /* unknown keys of a pod for which a near one is looked for */

/* Compose projects: files of some hundred lines that name each other. */
#define LIMIT_COMPOSE_SOURCES             255            /* files of one project; data_node.source is a byte */
#define LIMIT_COMPOSE_FILE_BYTES          (4ULL << 20)   /* one file; the trees of all live at the same time */
#define LIMIT_COMPOSE_READ_BYTES          (16ULL << 20)  /* all files, each as often as it is read */
#define LIMIT_COMPOSE_UNITS               256            /* files, each as often: includes of includes double */
#define LIMIT_COMPOSE_DOCUMENTS           16             /* of one file, each merged over those before it */
#define LIMIT_COMPOSE_DOTENV_BYTES        (256ULL << 10) /* one `.env` */
#define LIMIT_COMPOSE_DOTENV_WEIGHT       16             /* what its bytes count in READ_BYTES: variables are large */
#define LIMIT_COMPOSE_VALUE_BYTES         (1U << 20)     /* one value; A=$A$A doubles with each line */
#define LIMIT_COMPOSE_EXPANDED_BYTES      (16ULL << 20)  /* what variables bring to all values of a project */
#define LIMIT_COMPOSE_INTERPOLATION_DEPTH 32             /* ${A:-${B:-...}} is read by recursion */
#define LIMIT_COMPOSE_ORIGINS             16             /* variables that one value is traced to */
#define LIMIT_COMPOSE_EXTENDS_DEPTH       64             /* a service that extends one that extends ... */
#define LIMIT_COMPOSE_INCLUDE_DEPTH       16             /* a file that includes one that includes ... */
#define LIMIT_COMPOSE_NODES               (1U << 18)     /* copied for `extends`: long chains; 38 MB */
#define LIMIT_COMPOSE_UNORDERED           256            /* members compared in any order with another file's */
#define LIMIT_COMPOSE_PROBLEMS            1000           /* of one project */
#define LIMIT_COMPOSE_SERVICES            2000           /* of one project, each of which has 13 KB of facts */

/* Looking for files to check. The largest public repositories have some 500,000 files, 30 levels deep. */
#define LIMIT_DISCOVER_FILES               2000000        /* entries of directories that are looked at, in all */
#define LIMIT_DISCOVER_NAME_BYTES          (64ULL << 20)  /* names of one directory */
#define LIMIT_DISCOVER_DEPTH               128            /* levels below a start; each holds a descriptor */
#define LIMIT_DISCOVER_KEPT_BYTES          (4ULL << 20)   /* small files in memory between the walk and the check */
#define LIMIT_DISCOVER_IGNORE_BYTES        (1ULL << 20)   /* one .gitignore; matching takes patterns times paths */
#define LIMIT_DISCOVER_JSON_HEAD_BYTES     (32ULL << 10)  /* of found JSON without `apiVersion` and `kind` so far */
#define LIMIT_DISCOVER_KUSTOMIZATION_BYTES (1ULL << 20)   /* one kustomization.yaml; more than that names no patches */
#define LIMIT_DISCOVER_KUSTOMIZE_LEVELS    3              /* directories above a file where its kustomization may be */
#define LIMIT_DISCOVER_KUSTOMIZE_DEPTH     16             /* a kustomization that lists one that lists ... */
#define LIMIT_DISCOVER_KUSTOMIZATIONS      10000          /* directories that are asked for one */
#define LIMIT_DISCOVER_KUSTOMIZE_STEPS     5000           /* from one to the next, for each file that is looked at */
#define LIMIT_DISCOVER_KUSTOMIZE_IMAGES    256            /* entries that hold for one file; 20 KB */
#define LIMIT_DISCOVER_HEAD_BYTES          (512ULL << 10) /* of YAML: a later document may be an object */

/* Finding out what an application is from its sources: a survey reads as a person skims. */
#define LIMIT_SURVEY_FILE_BYTES (2ULL << 20)   /* a larger source was generated, and is passed over */
#define LIMIT_SURVEY_BYTES      (512ULL << 20) /* of all sources; what comes behind is passed over, with a warning */
#define LIMIT_SURVEY_TOKENS     (4U << 20)     /* words of one source: 128 MB */
#define LIMIT_SURVEY_HINTS      (1U << 18)     /* places that say something; more are passed over, with a warning */
#define LIMIT_SURVEY_RIVALS     20             /* of one answer that are told */
#define LIMIT_SURVEY_PROGRAMS   1024           /* that one project builds; a workspace of hundreds is seen */

/* Texts that are sent along to be checked. A repository's own files of these kinds are a few hundred, of a few KB. */
#define LIMIT_CHECK_TEXTS       4096          /* files of one call */
#define LIMIT_CHECK_TEXTS_BYTES (32ULL << 20) /* of all of them; trees take some ten times the text */
/* Told of one call. A container of 40 bytes earns fourteen, each of which is 560 bytes of the answer. */
#define LIMIT_CHECK_TEXTS_FINDINGS 10000

/* Compose files: each key that is not known is compared with some hundred names to find the one that is meant. */
#define LIMIT_KEY_SUGGESTIONS 1000 /* of one project */

/* HTTP requests. RFC 9112, section 3 asks for request lines of 8,000 bytes at least; browsers send heads under 4 KB. */
#define LIMIT_HTTP_LINE_BYTES            (8U << 10)
#define LIMIT_HTTP_FIELD_BYTES           (8U << 10)    /* one field line: tokens of 5 KB are seen */
#define LIMIT_HTTP_HEAD_BYTES            (32U << 10)   /* a connection holds it while it comes in */
#define LIMIT_HTTP_FIELDS                100           /* fields are looked up one by one */
#define LIMIT_HTTP_BODY_BYTES            (16ULL << 20) /* of one request, with chunks unpacked */
#define LIMIT_HTTP_EMPTY_LINES           1             /* before a request: some clients end a body with one too many */
#define LIMIT_HTTP_METHOD_BYTES          32            /* the longest registered one has 16 */
#define LIMIT_HTTP_HOST_BYTES            255           /* of a DNS name */
#define LIMIT_HTTP_CHUNK_EXTENSION_BYTES (4U << 10)    /* of all chunks of a body: nobody uses them, they cost time */
#define LIMIT_HTTP_TRAILER_BYTES         (8U << 10)    /* trailers are read and dropped */

/* Metrics. Label values come from closed sets; the limits hold even when a caller forgets that. */
#define LIMIT_METRIC_SERIES      1024 /* of one family, a power of two: the page stays under some MB */
#define LIMIT_METRIC_LABEL_BYTES 128  /* of one value: the longest name a tool may have */

/* Messages of agents (MCP). They carry the files that are to be checked; the HTTP body's limit is the same. */
#define LIMIT_MCP_MESSAGE_BYTES (16ULL << 20)
#define LIMIT_MCP_NODES         (1U << 16) /* values of one message, all of which live at the same time; 8 MB */
#define LIMIT_REST_NODES        LIMIT_MCP_NODES
#define LIMIT_MCP_ID_BYTES      1024 /* repeated in the answer and in each notification of a subscription */
#define LIMIT_MCP_BATCH         100  /* requests of one 2025-03-26 batch: each is answered in one message */

/* The service. */
#define LIMIT_SERVICE_NAMES   256 /* origins, or hosts: each request is held against them one by one */
#define LIMIT_SERVICE_UNKNOWN 64  /* BAREHULL_ variables that nobody reads, told by name; the others by their number */

/* The service's own answers to HTTP. */
#define LIMIT_REQUEST_ID_BYTES  128         /* an X-Request-Id that is taken over; UUIDs have 36 */
#define LIMIT_INLINE_BODY_BYTES (64U << 10) /* content that a loop parses itself: 0.2 ms */
#define LIMIT_INLINE_GZIP_BYTES (16U << 10) /* an answer that a loop compresses itself: 0.2 ms */
#define LIMIT_QUERY_PARAMS      256         /* each is looked up by name */

/* The HTTP server: what a peer can make it do behind an answer. */
#define LIMIT_SERVER_DROP_BYTES   (64ULL << 10) /* content that nobody wants is read, to keep the connection */
#define LIMIT_SERVER_LINGER_BYTES (32ULL << 20) /* read and dropped, so that a refusal arrives before the reset */
#define LIMIT_SERVER_LINGER_MS    2000          /* the same, in time: some round trips */
#define LIMIT_SERVER_STREAM_BYTES (64U << 10)   /* of a stream, that the peer did not take yet */
#define LIMIT_SERVER_REFUSING     64            /* connections above the limit that are told so, of each loop */

/* Python applications: what lies beside the modules is small; a METADATA file holds the whole README. */
#define LIMIT_PYTHON_TEXT_BYTES     (1ULL << 20)  /* pyvenv.cfg, .pth, entry_points.txt, WHEEL, a script's wrapper */
#define LIMIT_PYTHON_METADATA_BYTES (16ULL << 20) /* one METADATA */
#define LIMIT_PYTHON_RECORD_BYTES   (64ULL << 20) /* one RECORD; 100,000 files take 10 MB */
#define LIMIT_PYTHON_LINES          (1U << 16)    /* of a text above that are kept, each as a record of 100 bytes */
#define LIMIT_PYTHON_RECORD_ROWS    (1U << 20)    /* of one RECORD */
#define LIMIT_SHEBANG_BYTES         127           /* of a first line: what Linux before 5.1 reads, BINPRM_BUF_SIZE */
#define LIMIT_PYTHON_TAG_PARTS      64            /* alternatives in one part of a wheel's tag: all are combined */

/* Python sources. The largest that packages ship are generated tables of some MB. */
#define LIMIT_PYTHON_CODE_BYTES (64ULL << 20) /* of one module's marshalled code */
#define LIMIT_MARSHAL_DEPTH     2000          /* as CPython's own (marshal.c, MAX_MARSHAL_STACK_DEPTH) */
#define LIMIT_MARSHAL_REFS      (1U << 22)    /* objects of one module that may be referred to */
/* An interpreter that compiles: 1 MB of source takes 0.7 s and 60 MB; under emulation twenty times as long. */
#define LIMIT_BYTECODE_CPU_SECONDS  120
#define LIMIT_BYTECODE_SECONDS      600 /* by the clock, of a machine that has other things to do */
#define LIMIT_BYTECODE_LOST         16  /* sources that interpreters died of, before that is the interpreter's fault */
#define LIMIT_BYTECODE_MEMORY_BYTES (4ULL << 30) /* address space */
#define LIMIT_BYTECODE_BYTES        (2ULL << 30) /* of all modules; nested `finally` doubles code with each level */
#define LIMIT_PYTHON_SOURCE_BYTES   (16ULL << 20)
#define LIMIT_PYTHON_INDENTS        100   /* as CPython: levels of indentation, with the module's own */
#define LIMIT_PYTHON_BRACKETS       200   /* as CPython: brackets open at a time */
#define LIMIT_PYTHON_FORMAT_DEPTH   150   /* as CPython: f-strings in f-strings; read by recursion */
#define LIMIT_PYTHON_FORMAT_LEVELS  3     /* as CPython: replacement fields in format specifications */
#define LIMIT_PYTHON_IMPORTS        65536 /* of one module */
#define LIMIT_PYTHON_CONDITION      64    /* tokens of one comparison that is looked at, and brackets around it */

/* Differences between texts. Files that people write have some thousand lines. */
#define LIMIT_DIFF_LINES (1U << 22)   /* of one text; each takes some 50 bytes */
#define LIMIT_DIFF_STEPS (1ULL << 27) /* points that the search for the shortest script looks at: 0.3 s */

/* A description of an application (init/options.h): what people write by hand, and more than twice of it. */
#define LIMIT_INIT_TEXT_BYTES   4096 /* of one text: a variable's value, a path */
#define LIMIT_INIT_LIST         64   /* members of one list */
#define LIMIT_INIT_PACKAGES     256  /* members of a list of packages */
#define LIMIT_INIT_PATH_BYTES   255  /* of a path in the image: half of what Kubernetes takes as a mountPath */
#define LIMIT_INIT_MEMORY_BYTES (1ULL << 44)
#define LIMIT_INIT_CPU_MILLIS   1024000
#define LIMIT_INIT_PIDS         (1 << 22) /* PID_MAX_LIMIT of Linux */
#define LIMIT_INIT_REPLICAS     1000
#define LIMIT_INIT_STOP_SECONDS 3600
/* A person's answer to a question. */
#define LIMIT_ANSWER_BYTES    1024
#define LIMIT_INIT_FILE_BYTES (16ULL << 20) /* of a file in the place of one that is generated */
