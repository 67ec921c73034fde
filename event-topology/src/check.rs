//! What AWS would refuse, or take and lose events by: every rule over one declaration in one place,
//! and those over all of them together.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::filter;
use crate::limits::{
    FUNCTION_MEMORY_MEGABYTES, MAX_BATCH_SIZE, MAX_BUS_NAME_CHARS, MAX_DETAIL_TYPE_CHARS,
    MAX_FUNCTION_NAME_CHARS, MAX_FUNCTION_TIMEOUT, MAX_PATTERN_CHARS, MAX_QUEUE_NAME_CHARS,
    MAX_QUEUE_RETENTION, MAX_RECEIVE_COUNT, MAX_RULE_ATTEMPTS, MAX_RULE_NAME_CHARS, MAX_RULE_RETRY,
    MAX_RULES, MAX_STAGE_CHARS, MAX_TABLE_NAME_CHARS, MAX_VISIBILITY, MIN_QUEUE_RETENTION,
    MIN_RULE_RETRY,
};
use crate::name::Naming;
use crate::plan::{Host, Publisher};
use crate::{ConsumerName, Declaration, Problem, Window, WindowProblem, retired};

/// For how long events of this consumer may come again.
pub(crate) fn window(declared: &Declaration) -> Window {
    let queue = &declared.queue;
    let window = Window::of_queue().retry_age(declared.age).queue_retention(queue.retention);
    let window = window.redriven(queue.dead_letter_retention, declared.redrives);
    if queue.fifo { window.fifo() } else { window }
}

/// All problems: of the bus, of each consumer, and of all together.
pub(crate) fn all(bus: &str, declared: &[Declaration], publishers: &[Publisher]) -> Vec<Problem> {
    let mut problems = Vec::new();
    bus_name(bus, &mut problems);
    for declaration in declared {
        let mut found = Found { consumer: &declaration.name, problems: &mut problems };
        for check in [
            names,
            reads,
            retry,
            queue,
            dead_letters,
            concurrency,
            pattern,
            host,
            idempotency,
            alarms,
        ] {
            check(declaration, &mut found);
        }
        problems.extend(filter::problems(declaration));
    }
    problems.extend(retired::problems(declared, publishers));
    together(declared, &mut problems);
    self::publishers(publishers, &mut problems);
    problems
}

/// Where the problems of one consumer go.
struct Found<'a> {
    consumer: &'a str,
    problems: &'a mut Vec<Problem>,
}

impl Found<'_> {
    fn add(&mut self, rule: &'static str, what: String, why: &str, fix: impl Into<String>) {
        let consumer = Some(self.consumer.to_owned());
        let (why, fix) = (why.to_owned(), fix.into());
        self.problems.push(Problem { rule, consumer, what, why, fix });
    }

    /// A duration that AWS takes: within its limits, and in whole seconds.
    fn duration(
        &mut self,
        (rule, what, setting): (&'static str, &str, &str),
        is: Duration,
        min: Duration,
        max: Duration,
    ) {
        if !(min..=max).contains(&is) {
            let why = format!("AWS takes {} to {} seconds", min.as_secs(), max.as_secs());
            let nearest = is.clamp(min, max).as_secs();
            let fix = format!("`{}`", setting.replace("{}", &nearest.to_string()));
            self.add(rule, format!("{what} is {is:?}"), &why, fix);
        } else if is.subsec_nanos() > 0 {
            let fix = format!("`{}`", setting.replace("{}", &is.as_secs().to_string()));
            self.add(rule, format!("{what} is {is:?}"), "AWS takes whole seconds", fix);
        }
    }
}

fn bus_name(bus: &str, problems: &mut Vec<Problem>) {
    if Naming::BUS.accepts(bus) {
        return;
    }
    problems.push(Problem {
        rule: "bus-name",
        consumer: None,
        what: format!("`{bus}` cannot name a bus"),
        why: format!(
            "EventBridge takes one to {MAX_BUS_NAME_CHARS} of letters, digits, `.`, `-` and `_`, of which a \
             stage such as `-prod` takes up to {}",
            MAX_STAGE_CHARS + 1
        ),
        fix: format!("`{}`", Naming::BUS.spelt(bus, "default")),
    });
}

fn names(declared: &Declaration, found: &mut Found<'_>) {
    let why = format!(
        "it names a rule of EventBridge: one to {MAX_RULE_NAME_CHARS} of letters, digits, `.`, `-` \
         and `_`; the `:` of a detail-type is a `-` there"
    );
    if ConsumerName::new(&declared.name).is_err() {
        let what = format!("`{}` cannot name a consumer", declared.name);
        let better = Naming::RULE.spelt(&declared.name, "consumer");
        found.add("consumer-name", what, &why, format!("`{better}`"));
    }
    let given = declared.queue.name.as_deref();
    // A consumer's name is a queue's too, with `-` for each `.`; what is wrong with it is reported once, above.
    let taken = ConsumerName::new(&declared.name).is_ok().then(|| declared.name.replace('.', "-"));
    if let Some(name) = given.map(ToOwned::to_owned).or(taken) {
        let suffix = if declared.queue.fifo { ".fifo" } else { "" };
        let base = name.strip_suffix(suffix).unwrap_or(&name);
        if !Naming::QUEUE_BASE.accepts(base) {
            let what = format!("`{name}` cannot name a queue");
            let why = format!(
                "SQS takes up to {MAX_QUEUE_NAME_CHARS} of letters, digits, `-` and `_`\n\
                 the dead-letter queues are called `{base}-failed` and `{base}-undelivered`, and a stage such as \
                 `-prod` takes up to {}",
                MAX_STAGE_CHARS + 1
            );
            let better = Naming::QUEUE_BASE.spelt(base, "queue");
            found.add(
                "queue-name",
                what,
                &why,
                format!("`.queue(Queue::standard().named(\"{better}\"))`"),
            );
        }
    }
}

fn retry(declared: &Declaration, found: &mut Found<'_>) {
    let Declaration { attempts, age, .. } = *declared;
    if attempts > MAX_RULE_ATTEMPTS {
        let what = format!("the rule tries again {attempts} times");
        let why = format!("EventBridge takes 0 to {MAX_RULE_ATTEMPTS} (`MaximumRetryAttempts`)");
        found.add("retry-attempts", what, &why, format!("`.retry({MAX_RULE_ATTEMPTS}, ..)`"));
    }
    let rule = ("retry-age", "the age up to which the rule tries again");
    let setting = format!(".retry({}, Duration::from_secs({{}}))", attempts.min(MAX_RULE_ATTEMPTS));
    found.duration((rule.0, rule.1, &setting), age, MIN_RULE_RETRY, MAX_RULE_RETRY);
}

fn queue(declared: &Declaration, found: &mut Found<'_>) {
    let queue = &declared.queue;
    found.duration(
        ("visibility", "the visibility time-out", ".visibility(Duration::from_secs({}))"),
        queue.visibility,
        // SQS takes 0, with which a message comes again while it is being handled.
        Duration::from_secs(1),
        MAX_VISIBILITY,
    );
    found.duration(
        ("retention", "the retention of the queue", ".retention(Duration::from_secs({}))"),
        queue.retention,
        MIN_QUEUE_RETENTION,
        MAX_QUEUE_RETENTION,
    );
    if !(1..=MAX_RECEIVE_COUNT).contains(&queue.max_receives) {
        let what = format!("a message is a dead letter after {} deliveries", queue.max_receives);
        let why = format!("SQS takes 1 to {MAX_RECEIVE_COUNT} (`maxReceiveCount`)");
        let nearest = queue.max_receives.clamp(1, MAX_RECEIVE_COUNT);
        found.add("max-receives", what, &why, format!("`.max_receives({nearest})`"));
    }
}

fn dead_letters(declared: &Declaration, found: &mut Found<'_>) {
    let queue = &declared.queue;
    let (is, retention) = (queue.dead_letter_retention, queue.retention);
    let setting = ".dead_letter_retention(Duration::from_secs({}))";
    found.duration(
        ("dead-letter-retention", "the retention of the dead-letter queues", setting),
        is,
        MIN_QUEUE_RETENTION,
        MAX_QUEUE_RETENTION,
    );
    let longest = retention == MAX_QUEUE_RETENTION && is == MAX_QUEUE_RETENTION;
    if !queue.fifo && is <= retention && !longest && retention <= MAX_QUEUE_RETENTION {
        let what = format!("dead letters are kept for {is:?}, messages for {retention:?}");
        let why = "the age of a message goes on counting in a standard dead-letter queue: one that \
                   waited long is gone as soon as it is a dead letter";
        let fix = setting.replace("{}", &MAX_QUEUE_RETENTION.as_secs().to_string());
        found.add("dead-letters-too-short", what, why, format!("`{fix}`"));
    }
}

fn concurrency(declared: &Declaration, found: &mut Found<'_>) {
    if declared.concurrency == 0 {
        let what = "0 messages are handled at once".to_owned();
        found.add("concurrency", what, "nothing would be handled", "`.concurrency(1)`");
    }
}

fn reads(declared: &Declaration, found: &mut Found<'_>) {
    if declared.reads.is_empty() {
        let what = "it reads no event".to_owned();
        found.add(
            "reads-nothing",
            what,
            "EventBridge refuses a rule without a pattern",
            "name an event, or remove it",
        );
    }
    for read in &declared.reads {
        let length = read.detail_type.chars().count();
        if length > MAX_DETAIL_TYPE_CHARS {
            let what = format!("the detail-type `{}` has {length} characters", read.detail_type);
            let why = format!("EventBridge takes up to {MAX_DETAIL_TYPE_CHARS}");
            found.add("detail-type-size", what, &why, "a shorter type");
        }
    }
}

fn pattern(declared: &Declaration, found: &mut Found<'_>) {
    for (rule, pattern) in declared.rules() {
        let chars = pattern.to_string().chars().count();
        if chars > MAX_PATTERN_CHARS {
            let what = format!("the event pattern of rule `{rule}` has {chars} characters");
            let why =
                format!("EventBridge takes up to {MAX_PATTERN_CHARS} unless the quota was raised");
            let fix = if declared.one_rule {
                "remove `.one_rule()`, or declare two consumers, each with a part of the events"
            } else {
                "declare two consumers, each with a part of the events"
            };
            found.add("pattern-size", what, &why, fix);
        }
    }
}

fn host(declared: &Declaration, found: &mut Found<'_>) {
    for table in declared.table.iter().chain(&declared.projections) {
        if Naming::TABLE.accepts(table) {
            continue;
        }
        let what = format!("`{table}` cannot name a table");
        let why = format!(
            "DynamoDB takes 3 to {MAX_TABLE_NAME_CHARS} of letters, digits, `.`, `-` and `_`, of which a stage such \
                 as `-prod` takes up to {}",
            MAX_STAGE_CHARS + 1
        );
        let better = Naming::TABLE.spelt(table, "claims");
        let method = if declared.table.as_ref() == Some(table) { "table" } else { "projections" };
        found.add("table-name", what, &why, format!("`.{method}(\"{better}\")`"));
    }
    let Host::Function(function) = &declared.host else { return };
    let base = declared.name.replace('.', "-");
    if ConsumerName::new(&declared.name).is_ok() && !Naming::FUNCTION.accepts(&base) {
        let what = format!("`{}` cannot name a Lambda function", declared.name);
        let why = format!(
            "Lambda takes up to {MAX_FUNCTION_NAME_CHARS} letters, digits, `-` and `_`, of which a stage such as `-prod` \
             takes up to {}",
            MAX_STAGE_CHARS + 1
        );
        let fix =
            format!("a shorter name, such as `{}`", Naming::FUNCTION.spelt(&base, "consumer"));
        found.add("function-name", what, &why, fix);
    }
    let timeout = Duration::from_secs(function.timeout_seconds);
    let setting =
        ("function-timeout", "the time-out of the function", ".function(Duration::from_secs({}))");
    found.duration(setting, timeout, Duration::from_secs(1), MAX_FUNCTION_TIMEOUT);
    if !FUNCTION_MEMORY_MEGABYTES.contains(&function.memory_megabytes) {
        let (least, most) = FUNCTION_MEMORY_MEGABYTES.into_inner();
        let what = format!("the function has {} megabytes of memory", function.memory_megabytes);
        let nearest = function.memory_megabytes.clamp(least, most);
        let why = format!("Lambda takes {least} to {most}");
        found.add("function-memory", what, &why, format!("`.memory({nearest})`"));
    }
    // More than ten messages need a window for collecting them, which is time that their visibility runs.
    if !(1..=MAX_BATCH_SIZE).contains(&function.batch_size) {
        let what = format!("the function is given {} messages at once", function.batch_size);
        let nearest = function.batch_size.clamp(1, MAX_BATCH_SIZE);
        let why =
            "a queue gives a function up to ten messages without a window for collecting them";
        found.add("function-batch", what, why, format!("`.batch_size({nearest})`"));
    }
    let least = timeout.saturating_mul(6);
    if declared.queue.visibility < least && timeout <= MAX_FUNCTION_TIMEOUT {
        let what = format!(
            "messages are hidden for {:?}, and an invocation takes up to {timeout:?}",
            declared.queue.visibility
        );
        let why = "Lambda asks for six times the time-out of the function: throttled batches wait that long";
        let fix = format!(
            "`.queue(Queue::standard().visibility(Duration::from_secs({})))`",
            least.as_secs()
        );
        found.add("function-visibility", what, why, fix);
    }
}

fn alarms(declared: &Declaration, found: &mut Found<'_>) {
    let retention = declared.queue.retention.as_secs();
    for (what, expected) in declared.alarms.mistakes(retention) {
        let fix = "leave the setting out: it is derived from the topology then";
        found.add("alarm-settings", format!("alarms: {what}"), &expected, fix);
    }
}

fn publishers(publishers: &[Publisher], problems: &mut Vec<Problem>) {
    let mut names = BTreeSet::new();
    for publisher in publishers {
        let name = publisher.name.as_str();
        let mut add = |rule, what: String, why: &str, fix: &str| {
            problems.push(Problem::new(
                rule,
                None,
                format!("publisher `{name}`: {what}"),
                why,
                fix,
            ));
        };
        if ConsumerName::new(name).is_err() {
            let why = "its name is part of names of resources: one to 64 of letters, digits, `.`, `-` and `_`";
            add("publisher-name", "invalid name".to_owned(), why, "the name of the service");
        }
        if !names.insert(name) {
            add(
                "publisher-twice",
                "it is declared twice".to_owned(),
                "one policy is made for each",
                "one list of events",
            );
        }
        if publisher.publishes.is_empty() {
            let why = "a policy without an event allows nothing";
            add(
                "publishes-nothing",
                "it publishes no event".to_owned(),
                why,
                "name an event, or remove it",
            );
        }
    }
}

fn idempotency(declared: &Declaration, found: &mut Found<'_>) {
    let Some(keep) = declared.window else { return };
    let window = window(declared);
    let Err(error) = window.check(keep) else { return };
    let short = |problem: &&WindowProblem| matches!(problem, WindowProblem::TooShort { .. });
    let Some(problem) = error.problems.iter().find(short) else { return };
    let text = problem.to_string();
    let mut lines = text.lines().filter(|line| !line.starts_with("help: "));
    let what = lines.next().unwrap_or_default().to_owned();
    let why: Vec<&str> = lines.collect();
    let minimum = window.minimum();
    let whole = minimum.as_secs() + u64::from(minimum.subsec_nanos() > 0);
    let fix = format!("`.idempotency(Duration::from_secs({whole}))`, or leave it out");
    found.add("idempotency-window", what, &why.join("\n"), fix);
}

/// What is said twice: consumers, rules and queues.
fn together(declared: &[Declaration], problems: &mut Vec<Problem>) {
    let mut consumers: BTreeSet<&str> = BTreeSet::new();
    let mut rules: BTreeMap<String, &str> = BTreeMap::new();
    let mut queues: BTreeMap<String, &str> = BTreeMap::new();
    let mut functions: BTreeMap<String, &str> = BTreeMap::new();
    for declaration in declared {
        let name = declaration.name.as_str();
        let mut found = Found { consumer: name, problems: &mut *problems };
        if !consumers.insert(name) {
            // Its rule and queues are those of its namesake too: one mistake, one problem.
            let what = "it is declared twice".to_owned();
            let why = "its name begins its idempotency keys: one would take the other's events for \
                       done";
            found.add("consumer-twice", what, why, "another name for one, or both lists in one");
            continue;
        }
        if let Host::Function(_) = declaration.host
            && let Some(other) = functions.insert(name.replace('.', "-"), name)
        {
            let what = format!("its Lambda function has the name of that of consumer `{other}`");
            let why = "the name of a function has `-` for each `.`";
            found.add("function-name", what, why, "another name for one of the consumers");
        }
        for (rule, _) in declaration.rules() {
            if let Some(other) = rules.insert(rule.clone(), name) {
                let what = format!("its rule `{rule}` is that of consumer `{other}` too");
                let why =
                    "EventBridge has one rule of a name, and metrics tell rules apart, not targets";
                found.add("rule-twice", what, why, "another name for one of the consumers");
            }
        }
        let names = declaration.queue.names(name);
        for queue in [names.events, names.failed, names.undelivered] {
            if let Some(other) = queues.get(&queue) {
                let what = format!("its queue `{queue}` is that of consumer `{other}` too");
                let why = "two consumers on one queue take each other's messages";
                let fix = "another name: `.queue(Queue::standard().named(\"..\"))`";
                found.add("queue-shared", what, why, fix);
                // The dead-letter queues are named after it: one mistake, one problem.
                break;
            }
            queues.insert(queue, name);
        }
    }
    let claims: BTreeSet<&str> = declared.iter().filter_map(|it| it.table.as_deref()).collect();
    for declaration in declared {
        for table in declaration.projections.iter().filter(|it| claims.contains(it.as_str())) {
            let what = format!("it keeps projections in `{table}`, which is a table of claims");
            let why = "items of both have different keys";
            let mut found = Found { consumer: &declaration.name, problems: &mut *problems };
            found.add("table-twice", what, why, "another name for one of the tables");
        }
    }
    if rules.len() > MAX_RULES {
        let what = format!("the bus has {} rules", rules.len());
        let why = format!("EventBridge takes {MAX_RULES} a bus unless the quota was raised");
        let fix = "use `.one_rule()` for consumers of many events, or a second bus";
        problems.push(Problem::new("rules-quota", None, what, why, fix));
    }
}
