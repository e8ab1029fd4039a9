/**
 * What the engine calls the parts of each call of the protocol, for those that are passed on to it.
 */

/**
 * What the engine calls the parts of a long call.
 * @typedef {{ begin: string, step: string, cancel: string, result: string }} Steps
 */

/**
 * Long calls that are done one at a time.
 * @type {Record<string, Steps>}
 */
export const ALONE = {
  analyze: { begin: 'beginAnalysis', step: 'stepAnalysis', cancel: 'cancelAnalysis', result: 'analysis' },
  tune: { begin: 'beginTune', step: 'stepTune', cancel: 'cancelTune', result: 'tuned' },
};

/** Long calls that go beside others. */
export const BESIDE = {
  profile: { begin: 'beginProfile', step: 'stepProfile', cancel: 'cancelProfile', result: 'profile' },
  learn: { begin: 'beginLearn', step: 'stepLearn', cancel: 'cancelLearn', result: 'learned' },
  globalExplanation: { begin: 'beginGlobal', step: 'stepGlobal', cancel: 'cancelGlobal', result: 'global' },
};

/** Short calls that go to the engine as they are. */
export const SHORT = new Set([
  'suggest',
  'unload',
  'checkFormula',
  'formulaFunctions',
  'explain',
  'counterfactual',
  'evaluate',
  'explainLearned',
  'density',
  'timeline',
  'distribution',
  'agreement',
  'correlations',
  'rowsAbove',
  'rows',
  'export',
  'sample',
]);
