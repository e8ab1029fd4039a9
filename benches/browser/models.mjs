// What the models contest runs: every model at three sizes, and who does the same. Peers of npm's that take minutes are
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
