/**
 * What `isoscope --help` prints.
 */
export const HELP = `isoscope: who behaved strangely in a log, and why. Nothing leaves this machine.

  isoscope analyze FILE... [options]   reads a log and ranks what is abnormal. Several files, a folder and a zip are
                                       one log when their columns are the same; gzip is unpacked; "-" is standard input
      --json               the whole analysis as JSON: its plan, and as "table" how the log was read and what was odd in it
      --explain-global     in the JSON also what moves scores over all rows, by feature and for a sample
      --explain NAME       also explains a row, or a user's most abnormal row, by the name it has in the list: what adds up to its
                           score, the smallest change after which it would not be flagged, and after --learn what the
                           learned model says of it and why; may be given several times
      --explain-top N      the same of the N rows with the highest scores
      --save FILE          also writes the fitted model, for predict and inspect
      --detector-onnx FILE also writes the fitted Isolation Forest, with its preparation in front, as ONNX
      --features-csv FILE  also writes the feature matrix: a line per row compared, a column per feature
      --estimate           only says what reading it would take: rows, memory, time, and what to choose if it is too much

    What is compared; what is not given is guessed:
      --recipe R           activity (one row per user), user-day (per user and day, hour or week), session (per session),
                           table (per record of any table) or login (per user or login)
      --role ROLE=COLUMN   entity, time, action, session, device, address, country, browser, outcome, resource, group, ...;
                           may be given several times, the other roles stay as guessed
      --treat COLUMN=T     before anything is measured: drop the column, or fill its missing values with mean, median, other
                           or constant:VALUE; may be given several times
      --label COLUMN       column that holds the truth; scores are judged against it, never fitted to it
      --plan FILE          a plan as JSON, or an analysis or what tune found, saved as JSON: the best of what was tuned, also
                           of what is learned; options given beside it go before it

    How behaviour is measured; each but --novelty may be given several times:
      --param NAME=VALUE   night-start-hour, night-end-hour, weekend-days=5,6, work-start-hour, work-end-hour,
                           session-gap-secs, period=hour|day|week, login-rows=user|login, top; of a detector: trees,
                           subsample, neighbors, iforest.max-features, iforest.extension-level, autoencoder.code,
                           autoencoder.epochs, autoencoder.dropout, ocsvm.nu, ocsvm.kernel=rbf|linear, ocsvm.gamma,
                           ensemble.combine=average|ranks|maximum|both and more
      --feature NAME=F     a feature by a formula over columns: 'per_click=duration / max(clicks, 1)'
      --omit FEATURE       the model does not see this feature
      --novelty, --no-novelty  what is new, uncommon, sudden or back after a long time; user-day and login measure it
                           unless it is declined, where the log says from where or with what
      --prepare NAME=VALUE impute=median|mean|most-frequent, scale=standard|robust|min-max|none, log1p=true,
                           encode=one-hot|label|frequency|ordinal, max-categories=20, indicators=true
      --rule FEATURE>X     a point where the feature is above X; FEATURE>X:P for P points
      --at-least X         points from which on a row is abnormal; 3 when not given

    How scores are made and cut:
      --detector D         iforest, robust-z, hbos, ecod, copod, knn, lof, autoencoder, ocsvm;
                           several with commas between are an ensemble; recommended is one, of iforest, knn, hbos and ecod;
                           rules where the plan has some
      --contamination X    expected share of abnormal rows, above 0 to 0.5, or as 5%
      --budget N           flag so many rows instead
      --alerts-per-day N   flag so many rows for each day that the log covers instead
      --cost MISS:FALSE    what a miss costs against a false alarm: flag so that mistakes on labelled rows cost least
      --seed N             seed of everything random

    What is learned from it, beside the scores, and judged on rows held out:
      --learn MODEL        logistic, forest or boosting; or FILE.json, boosted trees that XGBoost has saved
      --target T           flags (when not given), label, rules, rule-points, or a column
      --learn-param NAME=VALUE  of the model, as trees=300, max-depth=4, c=0.1, penalty=l1, learning-rate=0.1; may be given
                           several times
      --split-by B         stratified, user or time; user where users have several rows
      --test-share X       share of rows held out; 0.3 when not given
      --folds N            hold out each part once, and learn from all rows in the end
      --class-weight W     balanced: each class counts as much as any other; or by name, as fraud=5,normal=1
      --onnx FILE          also writes the model, with its preparation in front, as ONNX
      --xgboost FILE       also writes boosted trees as XGBoost's JSON

    How it is read; what is not given is guessed:
      --format F           delimited, json-lines, json-array, combined-log, common-log, extended-log, sshd or syslog
      --delimiter C        one character, "tab", or a byte as 0x01, which Hive writes
      --encoding E         utf-8, utf-16le, windows-1252, shift_jis, ...
      --time-zone Z        of times that name none, as Europe/Berlin
      --day-first COLUMN   01/02/2026 in this column is the first of February; may be given several times
      --month-first COLUMN the same, January the second
      --header, --no-header  whether the first record names the columns
      --type COLUMN=TYPE   integer, float, boolean, timestamp, duration, ip, user-agent, category or text; may be given
                           several times
      --columns A,B,C      keep only these columns
      --missing WORD       means "no value", instead of the usual words; may be given several times
      --aggregate          add the rows up into one per user while reading: for logins that memory would not hold
      --max-rows N         keep only the first rows
      --sample X           keep a share of the rows, above 0 to 1
      --sample-by COLUMN   keep that share of this column's values instead, each with all its rows
      --sample-seed N      another sample of the same size; 0 when not given
      --max-expansion N    how many times its size an archive may expand to; 250 when not given

  isoscope tune FILE... [options]      searches for better parameters, and prints candidates with their scores, best first
      --try NAME=V1,V2     values of a parameter: neighbors=5,20,50, autoencoder.code=4,14, preparation.log1p=false,true,
                           session-gap-secs=600,1800, detector=iforest,knn,iforest+knn; FROM..TO or FROM..TO:log is a range
                           for a random search. May be given several times; without it a few values of what matters most
      --search S           grid or random
      --basis B            labels (cross-validated, where a label column is known), planted (copies of rows changed in known
                           ways), or stability-agreement, which cannot tell what is right from what is usual
      --metric M           average-precision or roc-auc; of what is learned also macro-f1 (several classes) and r2 (numbers)
      --learn MODEL        searches for parameters of what is learned instead, with --target, --split-by, --class-weight and
                           --learn-param as above: --try forest.min-samples-leaf=1,10, boosting.max-depth=3,6,
                           logistic.c=0.01..100:log, model=forest,boosting
      --folds N            folds, or fits without labels; 5 when not given
      --max-candidates N   30 when not given
      --judged-rows N      rows that candidates are judged on, 5000 when not given
      --json               the whole result as JSON, which analyze takes as --plan
                           and what is compared, measured and read, as above

  isoscope predict FILE... --model MODEL [options]   scores a log by a saved model: nothing is fitted, the threshold is
                                       the model's, columns are found by name
      --json               the whole result as JSON: score, flag, probability, confidence by row
      --csv                a line per row, with its reason where it has one
      --explain NAME  --explain-top N  as for analyze; of what was learned too, where the model was saved after --learn
                           and how the log is read, as above; types and dates are the model's when not given

  isoscope inspect MODEL [--json]      what a saved model is: plan, columns it needs, features, rows fitted to, threshold

  isoscope profile FILE... [options]   says what is in a log: columns, missing values, correlations, rows over time
      --html FILE          writes it as one HTML file to send
      --json               the whole profile as JSON, and as "table" how the log was read and what was odd in it
      --estimate           as for analyze
      --time C  --entity C the columns that say when and who; guessed when not given
                           and how the log is read, as above

  isoscope sample NAME [options]     writes a generated log with planted anomalies
      NAME                 office-activity, web-sessions or logins
      --users N  --days N  --seed N
      --output FILE        instead of standard output

  isoscope --help | --version

Errors are one line on standard error, "isoscope: CODE: what, where, what to do", with exit status 1.
`;

