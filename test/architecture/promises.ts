/** Tests of one file, by title, or by the name of a row in a table of cases. */
interface Proof {
  readonly file: string;
  readonly titles: readonly string[];
}

interface Promises {
  /** Headings below which every row, item and paragraph has an entry. */
  readonly sections: readonly string[];
  /** By how the promise begins: the tests that show it. None where nothing is promised. */
  readonly keptBy: Readonly<Record<string, readonly Proof[]>>;
}

const by = (file: string, ...titles: string[]): Proof => ({ file, titles });
/** It explains, or leads elsewhere. */
const nothing: readonly Proof[] = [];

/** What the documents promise, and the tests that are red where it is not kept. */
export const promises: Readonly<Record<string, Promises>> = {
  'README.md': {
    sections: ['Bring your own model', 'What it does for you', 'API', 'Limits', 'Compared with other servers'],
    keptBy: {
      'Export it and put it': [
        by('end-to-end/lifecycle', 'a bare file is a model, found while running, and gone when it is deleted'),
        by('sources/folder/folder-source', 'polls find changes by themselves until stopped'),
        by('serving/proof/plan-batching', 'a free first axis in all inputs and outputs can be batched'),
      ],
      // Exports are run by hand: docs/frameworks says which.
      'scikit-learn': nothing,
      PyTorch: nothing,
      'TensorFlow, Keras': nothing,
      'docs/frameworks': [by('sources/folder/layouts', 'layout: ')],
      'slipway serve FILE': [
        by(
          'end-to-end/starting',
          'one file is served as it lies there, with what belongs to it; a folder that is one model, too',
        ),
      ],
      'slipway inspect FILE': [by('commands/sample', 'inspect names it with the file')],
      'slipway sample FILE': [by('commands/sample', 'prints a body that the server takes, however long')],
      'slipway doctor FILE': [
        by(
          'commands/doctor',
          'the shipped models are healthy, and every version that is served is looked at',
          'warnings are allowed, unless they are to count',
        ),
        by('end-to-end/same-verdict', 'both list the same models, and the doctor ends with 1'),
      ],
      'slipway golden check DIR': [
        by(
          'commands/golden',
          'check passes where every version does, and leaves nothing behind',
          'check fails with the misses of each version, and with settings that no server takes',
        ),
      ],
      'From a checkout': nothing,
      'POST /v1/models/M/predict': [
        by(
          'end-to-end/shipped-models',
          'answers rows as',
          'answers one row, by name, the other spelling of predict',
          'answers in columns',
        ),
      ],
      '…/M/versions/3/…': [by('end-to-end/shipped-models', 'a label leads to its version')],
      'GET /v1/models/M/openapi.json': [
        by(
          'end-to-end/model-api',
          "each model's OpenAPI document has an example that works, and describes the answer to it",
          'the client compiles in strict mode, and asks the server: rows, whole tensors, bytes, failures',
        ),
      ],
      'GET /v1/models, ': [
        by(
          'protocols/v1/v1-models',
          'the list holds every model with its versions and its state',
          'metadata is in the form of TensorFlow Serving',
        ),
      ],
      'POST /v2/models/M/infer': [
        by('end-to-end/shipped-models', 'answers the Open Inference Protocol'),
        by('protocols/v2/v2-binary', 'goes both ways as bytes'),
      ],
      'GET /v2/models/M': [
        by(
          'protocols/v2/v2-models',
          'the metadata of a model, with what the protocol has no field for beside it',
          'the configuration has the fields that clients of Triton read',
          'statistics count rows and runs and sum times in nanoseconds',
        ),
      ],
      'POST /v2/repository/index': [
        by(
          'protocols/v2/v2-models',
          'the index lists every version with its state',
          'models are loaded and unloaded, with a body or without one',
        ),
      ],
      'GET /v2/health/live': [by('serving/readiness', 'ready when every version has settled and one serves')],
      'GET /metrics': [
        by(
          'protocols/v1/v1-models',
          'GET / shows where to go and a request that works',
          'metrics are shown as they are rendered',
        ),
      ],
      'docs/api.md explains': [by('protocols/openapi/openapi', 'openapi.yaml is what the routes say')],
      'One machine': nothing,
      'Tasks are of texts': nothing,
      'An engine process takes': [
        by('chaos/many-models', 'a hundred small models are served by a bounded number of engine processes'),
      ],
      onnxruntime: nothing,
      'Responses over gRPC': nothing,
      'Keys with scopes': [
        by('protocols/http/access-table', 'is let do what the scopes and models of its key are for'),
      ],
      'Batches by itself': [
        by(
          'scheduling/batch-scheduler',
          'what waits while the instance is busy leaves together the moment it is free',
          'a delay holds requests until the batch is full or the oldest has waited that long',
        ),
        by('scheduling/cost-curve', 'a batch takes the smallest size that reaches nine tenths of the best throughput'),
      ],
      'Only where that is right': [
        by('serving/early-serving', 'a version serves after one run; what is not shown yet is told'),
        by('serving/proof/prove-batching', 'a model that mixes rows is not, and the reason names the output'),
        by('scheduling/batch-scheduler', 'only the poison request fails'),
      ],
      'Survives models and requests': [
        by('end-to-end/engine-death', 'killing engine processes under load loses no request'),
        by('chaos/poison', 'poison among the requests of 64 clients fails alone, and is told so'),
        by('chaos/endless', 'a run that does not end is ended, and fails the request that caused it alone'),
        by('chaos/allocation-bombs', 'to its caller alone; no process ends'),
      ],
      'Swaps without a gap': [
        by(
          'end-to-end/lifecycle',
          'a new version takes over, is replaced and goes away again without one failed request',
          'a new version that cannot be loaded does not replace the one that serves',
        ),
      ],
      // The figures are of docs/benchmarks.md.
      Fast: nothing,
      Exact: [
        by('codecs/json-tensor-reader', 'the whole range is exact, alone and among others'),
        by('codecs/json-writer', 'float32 values are written as the shortest text that reads back'),
        by('engine/tensor-round-trips', 'tensors of every shape come back exactly'),
        by('codecs/json-tensor-reader', 'a value of the wrong kind is refused with what it is and where'),
      ],
      'A shape that does not match the data': [
        by('codecs/json-tensor-reader', 'data that does not fill its shape is refused with both counts'),
      ],
      'Integers out of range': [
        by('codecs/json-tensor-reader', 'what lies beyond the range is refused with its place'),
      ],
      'FP16 over JSON': [by('protocols/conversations', 'FP16')],
      'int64 beyond 2^53 over JSON': [
        by('codecs/json-tensor-reader', 'the whole range is exact, alone and among others'),
      ],
      'NaN in a response': [
        by('codecs/json-writer', 'NaN and the infinities are null, words, or words in quotes, as asked for'),
      ],
      'Requests of another shape in the queue': [
        by('scheduling/fairness', 'another shape waits in a queue of its own: it closes no batch'),
      ],
      'A bad row in a batch': [by('scheduling/batch-scheduler', 'only the poison request fails')],
      max_batch_size: [by('config/triton-model-config', 'reads what a repository of Triton says of an image model')],
      'A list of the models': [
        by('protocols/v1/v1-models', 'the list holds every model with its versions and its state'),
      ],
    },
  },

  'docs/scheduling.md': {
    sections: [
      'Settings',
      'Batches',
      'How rows are shown to be independent',
      'Who goes first',
      'What is rejected',
      'Instances and cores',
    ],
    keptBy: {
      'Nothing needs setting': [by('config/load-config', 'without any settings the defaults hold')],
      latencyTargetMs: [by('scheduling/cost-curve', 'a latency target keeps batches small')],
      'instances, threads': [
        by(
          'serving/plan-resources',
          'the operator has it as is said',
          'threads of an instance take their part of the cores',
        ),
      ],
      'maxQueueRows bursts': [by('scheduling/admission', 'one row more than the queue may hold is rejected')],
      'Who shares a run': [
        by(
          'serving/proof/prove-batching',
          'a model whose rows are independent is batched',
          'a model that mixes rows is not, and the reason names the output',
        ),
        by('serving/early-serving', 'a version serves after one run; what is not shown yet is told'),
        by('serving/proof/plan-batching', 'model.json has the last word'),
      ],
      When: [
        by('scheduling/batch-scheduler', 'what waits while the instance is busy leaves together the moment it is free'),
        by(
          'scheduling/batch-policy',
          'the delay over, it leaves',
          'a preferred size ends the delay',
          'no slack left, it leaves',
        ),
        by('scheduling/dispatch', 'a deadline comes close: the batch leaves with whom it has'),
      ],
      'How many rows': [
        by('scheduling/cost-curve', 'a batch takes the smallest size that reaches nine tenths of the best throughput'),
        by('scheduling/cost-curve', 'follows a machine that became slower'),
        by('protocols/v1/v1-models', 'metadata tells what runs were measured to cost'),
        by(
          'scheduling/batch-sizing',
          'every 64 runs a batch of twice the size may leave, once',
          'none of twice the size leaves beyond the largest, beyond the latency target, or of a fixed number of rows',
        ),
        by('serving/proof/prove-batching', 'no run is larger than the largest that was compared'),
      ],
      'Shapes Requests whose': [
        by(
          'scheduling/fairness',
          'another shape waits in a queue of its own: it closes no batch, and a flood of one does not hold it up',
          'shapes share the engine by the time that they take, not by their runs',
          'a shape that had its turn is not passed over for ever by requests of ever new shapes',
        ),
      ],
      'Where rows lie Along any axis': [
        by('serving/proof/prove-batching', 'rows that lie along another axis are found there'),
        by(
          'scheduling/batch-axes',
          'rows that lie along the second axis share a run, and each request gets its own',
          'rows that lie one behind the other are not copied, whatever their axis',
          'rows whose copying would take longer than their run are not laid side by side',
        ),
      ],
      'Inputs without rows': [
        by('scheduling/batch-axes', 'requests share a run only with the same value of an input that all rows share'),
        by(
          'serving/validate-inputs',
          'an input that all rows share is no row, and large ones make a request run alone',
          'a request for an output that has no rows runs alone',
        ),
      ],
      'Several rows in a request': [
        by(
          'scheduling/batch-axes',
          'separate rows of a model that may not batch them run one by one and are joined',
          'the tensors of a request whose rows are not separate run as they came',
        ),
        by(
          'scheduling/batch-scheduler',
          'a model that was found not to keep rows apart gets its requests one at a time, whole',
        ),
      ],
      'Large requests': [
        by(
          'scheduling/batch-scheduler',
          'a request larger than a batch is cut, spread over the instances and joined again in order',
        ),
      ],
      'Fixed sizes': [
        by(
          'scheduling/batch-scheduler',
          'a fixed batch size is padded with rows the model takes, and the padding is cut off',
          'allowed batch sizes are padded up to and cut off',
        ),
        by('scheduling/merge', 'a run is filled up with copies of its last row'),
      ],
      'Checks in production': [
        by(
          'scheduling/batch-verifier',
          'a row of a batch is run again alone when nothing waits, and batching goes on where it is the same',
          'a row that is another one alone stops batching at once',
          'what ran together or waited while batching was stopped runs alone',
          'checks come rarely: not within a second, ever less often, and never for more than a hundredth of the time',
        ),
        by('observability/metrics', 'that showed that rows influence each other are counted from zero on'),
        by(
          'serving/verify-batches',
          'no row is, where that is turned off',
          'nor where model.json says that rows are independent',
        ),
      ],
      'slipway_batches_total{reason} counts': [
        by('observability/metrics', 'are counted, with their rows, their times and the waits of their requests'),
      ],
      'A version serves as soon as': [
        by('serving/early-serving', 'a version serves after one run; what is not shown yet is told'),
        by('serving/early-serving', 'a request that comes meanwhile waits for one run of the proof, and runs alone'),
        by(
          'scheduling/idle-runs',
          'a run that nobody waits for begins when there is nothing else to do',
          'requests go first, and wait for one such run at most',
          'where requests never pause it is let in after a while, and then again after longer',
        ),
        by(
          'serving/early-serving',
          'a proof that would take more than a minute of computing ends, and nothing is batched',
        ),
      ],
      'What the graph says': [
        by('onnx/row-facts', 'is told, with', 'in one scale for all', 'in a loop that ends when all say so'),
        by('serving/early-serving', 'what the graph tells needs no proof'),
      ],
      'Where rows lie. Along': [
        by(
          'serving/proof/candidate-axes',
          'a name that says "batch" comes first, wherever it stands',
          'unnamed axes are tried first to last, as far as the second',
          'an input that begins with an inner axis of another has no rows',
        ),
      ],
      'Rows alone and together': [
        by(
          'serving/proof/prove-batching',
          'a model that mixes rows is found out where',
          'rounding that differs with the batch size is no dependence',
          'no run is larger than the largest that was compared',
        ),
      ],
      'What counts': [
        by('serving/proof/prove-batching', 'an output that is the same for all rows shows nothing'),
        by('onnx/row-facts', 'to be computed row by row', 'to be the same for all rows'),
      ],
      'A model of fixed batch size': [
        by(
          'serving/proof/prove-batching',
          'a fixed batch is kept when its rows are independent and refused when they are not',
        ),
        by('scheduling/batch-scheduler', 'rows than were sent is repeated alone instead of being split wrongly'),
        by('serving/proof/plan-batching', 'model.json has the last word'),
      ],
      'What runs again': [
        by('scheduling/retry-policy', 'what is not suspected runs again first, and at once'),
        by('scheduling/fairness', 'a suspect waits for its turn, which a batch of others brings'),
      ],
      Priority: [
        by(
          'scheduling/fairness',
          'a higher priority goes first, whichever came first',
          'a priority is worth a second for each level, however long all wait',
          'a low priority is served in the end, however many callers of the highest keep asking',
          'the lowest priorities are all the same',
        ),
        by('protocols/http/requests', 'a priority comes by header, and one in the body goes before it'),
      ],
      'Shapes: the one': [
        by(
          'scheduling/fairness',
          'a higher priority goes first across shapes',
          'shapes share the engine by the time that they take, not by their runs',
          'of requests that are equally urgent the one that has waited longest goes first',
        ),
      ],
      Callers: [
        by('scheduling/fairness', 'callers take turns, however many requests one of them has waiting'),
        by(
          'scheduling/dispatch',
          'a request that must run alone is not passed over, however many callers keep asking beside it',
        ),
        by('protocols/http/requests', 'the configured header tells callers apart'),
      ],
      'First come, first served': [
        by('scheduling/fairness', 'of requests that are equally urgent the one that has waited longest goes first'),
      ],
      'the queue holds maxQueueRows rows': [
        by('scheduling/admission', 'Retry-After is the waiting rows by the measured throughput, from 1 to 30 seconds'),
        by('protocols/http/early-rejection', 'is answered unread', 'the answer comes before a large body does'),
      ],
      'a request of more rows than': [by('scheduling/admission', 'one row more than the queue may hold is rejected')],
      'waiting tensors of all models hold': [
        by('scheduling/batch-scheduler', 'the memory of waiting tensors of all models is bounded and given back'),
        by('scheduling/admission', 'the budget of waiting tensors is that of all models together'),
      ],
      'a deadline that what waits': [
        by(
          'scheduling/admission',
          'a deadline that its own run cannot meet',
          'two full batches that wait need 40 ms before it',
        ),
        by('chaos/deadlines', 'a deadline that cannot be met is told'),
      ],
      'a deadline that passes while': [
        by('chaos/deadlines', 'a deadline that passes while the request waits, or is computed, is answered with 504'),
        by('scheduling/batch-scheduler', 'a deadline that passes in the queue is answered then, and not computed'),
      ],
      'a caller who closed': [
        by('chaos/hang-ups', 'what waits is not computed once its caller has hung up, and is counted as canceled'),
        by(
          'scheduling/dispatch',
          'a caller who leaves a large request has none of its chunks computed that has not begun',
        ),
      ],
      'Deadlines come from': [
        by('protocols/http/requests', 'a time limit becomes a deadline: the header, the configured one'),
        by('chaos/deadlines', 'the v2 timeout parameter counts in microseconds'),
      ],
      'Cores are those': [
        by('config/available-resources', 'a container with its own cgroup namespace (v2) and two cores'),
        by('serving/plan-resources', 'a model gets as many instances as its run is heavy, within the cores and eight'),
      ],
      'Instances of all models together': nothing,
    },
  },

  'docs/reliability.md': {
    sections: ['Settings', 'Engine processes', 'Models and files', 'Callers and connections', 'Rules behind it'],
    keptBy: {
      'Nothing needs setting': [by('config/load-config', 'without any settings the defaults hold')],
      runTimeoutMs: [
        by(
          'scheduling/batch-sizing',
          'a run is overdue at a hundred times what it should take, never before five seconds, always at the limit',
        ),
        by('processes/run-clock', 'an overdue run whose process waits for a processor has all of its time'),
        by('engine/engine-crashes', 'a run that exceeds its time is killed; the model goes on'),
      ],
      spares: [by('engine/instance-group', 'a spare takes over at once, and is itself replaced')],
      memoryLimitBytes: [
        by('serving/plan-resources', 'a process may take six times what its model does, and 2 GiB'),
        by('engine/process-limits', 'that reaches its memory limit'),
      ],
      'Every case here is counted': [
        by('observability/metrics', 'are counted as restarted only in place of one that ended unexpectedly'),
      ],
      'an engine process crashes or is killed': [
        by('end-to-end/engine-death', 'killing engine processes under load loses no request'),
        by('engine/engine-crashes', 'a killed process fails its run, and is replaced'),
      ],
      'the fork server is killed': [
        by('engine/starting-aside', 'when the fork server is killed its engines come back without it'),
      ],
      'a request crashes its process each time': [
        by('chaos/poison', 'poison among the requests of 64 clients fails alone, and is told so'),
        by(
          'scheduling/retry-policy',
          'two that it ends alone are not',
          'the first process that it ends alone may be chance',
        ),
      ],
      'a run does not end': [
        by('chaos/endless', 'a run that does not end is ended, and fails the request that caused it alone'),
        by('engine/engine-crashes', 'a process that was stopped is replaced; what it held runs again'),
        by('processes/run-clock', 'a process that did not get to compute at the end was stalled'),
      ],
      'a request needs too much memory': [by('chaos/allocation-bombs', 'to its caller alone; no process ends')],
      'the machine runs out of memory': [
        by('engine/process-limits', 'is given up by the kernel before the'),
        by(
          'serving/load-group',
          'a load whose process was killed from outside is repeated at once',
          'a load that is killed again is repeated after a while, and given up in the end',
        ),
      ],
      "a version's process cannot be started again": [
        by(
          'chaos/crash-loop',
          'a version whose process ends as often as it is started is given up alone, with the reason',
          'a serving version whose processes end as they start is given up until an operator loads it again',
        ),
        by('engine/engine-crashes', 'a model that has answered once'),
      ],
      '… because large files': [
        by('serving/model-manager', 'a version that is given up for files that are away is tried again'),
        by(
          'engine/watched-weights',
          'a model whose files stay away is given up as unavailable, with a time to come back',
        ),
      ],
      'the worker ends': [by('end-to-end/drain', 'its engine processes end by themselves')],
      'slipway_model_problem, slipway_model_state': [
        by('observability/metrics', 'show the state they are in, and whether something is wrong'),
        by('end-to-end/lifecycle', 'a broken model does not stop the others, and its reason is in the API'),
      ],
      'a new version loads': [
        by('serving/model-manager', 'what is loaded while requests are answered yields to them'),
        by('serving/early-serving', 'a version serves after one run; what is not shown yet is told'),
      ],
      'a version cannot be loaded, or crashes': [
        by('end-to-end/lifecycle', 'a new version that cannot be loaded does not replace the one that serves'),
        by('chaos/crash-loop', 'a version that ends its process with whatever it computes never serves'),
      ],
      'its file is away': [
        by(
          'serving/model-manager',
          'a version whose file was not there for a moment is tried again, a broken one is not',
          'a load that fails for what may pass is unavailable',
        ),
      ],
      'a file is replaced, removed or written over': [
        by(
          'end-to-end/weights-in-place',
          'weights of a model that is copied are written over in place, and nobody notices',
        ),
        by('onnx/prepare-model', 'external data is copied with the model before anything is loaded'),
        by('serving/model-manager', 'new content of the same version takes over beside the old one'),
      ],
      'the files are too large for a pinned copy': [
        by('onnx/prepare-model', 'files that are too large together to be copied are used where they lie, and watched'),
        by('engine/watched-weights', 'weights that are replaced or removed by name are used on, as they were'),
      ],
      'external data too large': [
        by('end-to-end/weights-in-place', 'weights too large to be copied are written over in place'),
        by('engine/watched-weights', 'a run during which the weights are written to is not answered'),
        by('serving/model-manager', 'a version that the engine gives up for files that changed'),
      ],
      'a file is half copied': [
        by(
          'sources/folder/changes',
          'a new model that was just written is not there until it has lain still for a while',
          'while a version is being replaced its old state stays',
        ),
      ],
      'a version is unloaded': [
        by('chaos/unload', 'what was taken before the unloading is answered', 'unloading a model ends its processes'),
      ],
      'the temporary folder is full': [
        by('onnx/prepare-model', 'where there is no room for copies the file itself is used'),
      ],
      'the models folder cannot be read': [
        by('sources/folder/changes', 'a models folder that cannot be read leaves the models as they were'),
        by('end-to-end/models-folder', 'a models folder that vanishes leaves what it has serving'),
      ],
      'a queue is full': [
        by('chaos/overload', 'with a time to come back; what it took is answered'),
        by(
          'chaos/deadlines',
          'a deadline that passes while the request waits, or is computed, is answered with 504',
          'a deadline that cannot be met is told',
        ),
        by(
          'chaos/hang-ups',
          'what waits is not computed once its caller has hung up, and is counted as canceled',
          'a caller who hangs up while its request is computed is forgotten, and the next one is served',
        ),
        by('protocols/http/early-rejection', 'is answered unread', 'the answer comes before a large body does'),
        by('scheduling/admission', 'Retry-After is the waiting rows by the measured throughput, from 1 to 30 seconds'),
      ],
      'more connections come': [
        by('end-to-end/open-files', 'one line, engines come back, and it is over when the crowd is gone'),
        by('config/connection-limit', 'some descriptors are kept for engines and files'),
      ],
      SIGTERM: [by('end-to-end/drain', 'after SIGTERM the server is unready, finishes what it took, and ends with 0')],
      SIGKILL: [by('end-to-end/drain', 'its engine processes end by themselves')],
      'Every request is counted exactly once': [
        by(
          'inference/inference-method',
          'a call that succeeds has one outcome, one report',
          'a call has one outcome and one report where',
        ),
        by('protocols/http/requests', 'a request is observed once, with its version, rows and times'),
      ],
      'Only what was being computed is suspected': [
        by(
          'scheduling/retry-policy',
          'three kills from outside may be chance',
          'four may be its own doing',
          'what waited behind the run is never suspected',
        ),
      ],
      'A check after each restart': [
        by('engine/engine-crashes', 'a process that is started again first computes what worked before'),
        by('engine/engine-crashes', 'does not quarantine a model that has answered once'),
      ],
      'Small models share': [
        by('chaos/many-models', 'a hundred small models are served by a bounded number of engine processes'),
        by(
          'serving/plan-resources',
          'models up to 16 MiB may share a process',
          'a model with a limit of its own is held to it, in a process of its own',
        ),
        by(
          'chaos/shared-processes',
          'what ends a shared process gets one of its own, and its neighbours lose no request',
        ),
      ],
      'Loads at low priority': [
        by(
          'processes/launch/loading-priority',
          'a process that loads yields, and its session too; afterwards neither does',
        ),
        by('engine/process-limits', 'has its usual priority once the model is loaded'),
      ],
    },
  },
};
