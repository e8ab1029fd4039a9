// What the contests of models and of learners run: every model at three sizes, and who does the same. Peers of npm's that take minutes are
// not among them; plain JavaScript, written with care, is ahead of each.

const TABLE = [[10_000, 20], [100_000, 20], [1_000_000, 10]];
/** Neighbours are looked for among 10,000 rows, and the machine is fitted to as many. */
const FEW = [[2_500, 20], [10_000, 20], [40_000, 20]];
const NEIGHBORS = { neighbors: 20 };

/**
 * `native` peers are those of models.py, `javascript` ones those of jobs/models.js.
 * @type {{ detector: string, sizes: number[][], parameters?: object, native?: string[], javascript?: boolean, epochs?: number }[]}
 */
export const MODELS = [
  { detector: 'iforest', sizes: TABLE, native: ['scikit-learn iforest', 'isotree iforest'], javascript: true },
  { detector: 'ecod', sizes: TABLE, native: ['pyod ecod'] },
  { detector: 'copod', sizes: TABLE, native: ['pyod copod'] },
  { detector: 'hbos', sizes: TABLE, native: ['pyod hbos'] },
  { detector: 'robust-z', sizes: TABLE },
  { detector: 'knn', sizes: FEW, parameters: NEIGHBORS, native: ['scikit-learn knn'] },
  { detector: 'lof', sizes: FEW, parameters: NEIGHBORS, native: ['scikit-learn lof'], javascript: true },
  { detector: 'ocsvm', sizes: FEW, parameters: { ocsvm: { nu: 0.05 } }, native: ['scikit-learn ocsvm'] },
  {
    detector: 'autoencoder',
    sizes: [[3_750, 6], [15_000, 6], [60_000, 6]],
    // Six features have a code of three at most, so a layer of seven lies before it: more weights than the peers' 14, 7, 14.
    parameters: { autoencoder: { hidden: [14, 7], code: 3, activation: 'relu', epochs: 50 } },
    native: ['scikit-learn autoencoder'],
    javascript: true,
    epochs: 50,
  },
];

const TREES = [[1_000, 20], [10_000, 20], [100_000, 20]];

/**
 * Learners of two classes, all peers with the same parameters. `npm` are peers of jobs/learners.js, with the most rows that
 * they have been seen to take in a minute, or at all; `native` those of models.py.
 * @type {{ model: string, sizes: number[][], learn: object, npm: [name: string, mostRows: number][], native: string[] }[]}
 */
export const LEARNERS = [
  {
    model: 'logistic',
    sizes: TABLE,
    learn: { model: 'logistic' },
    npm: [['plain JavaScript', 1_000_000], ['tfjs', 100_000], ['ml-logistic-regression', 100_000]],
    native: ['scikit-learn logistic'],
  },
  {
    model: 'boosting',
    sizes: TREES,
    learn: { model: 'boosting', boosting: { trees: 100, maxDepth: 6, learningRate: 0.1, maxBins: 255 } },
    npm: [['plain JavaScript', 1_000_000], ['ml-xgboost', 10_000]],
    native: ['lightgbm boosting', 'xgboost boosting', 'scikit-learn boosting'],
  },
  { model: 'forest', sizes: TREES, learn: { model: 'forest', forest: { trees: 100 } }, npm: [['plain JavaScript', 1_000_000]], native: ['scikit-learn forest'] },
];
