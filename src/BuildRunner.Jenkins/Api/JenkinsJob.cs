using System.Net;
using System.Text.Json.Serialization.Metadata;
using BuildRunner.Http;

namespace BuildRunner.Jenkins.Api;

/// <summary>The calls about one job.</summary>
internal sealed class JenkinsJob(HttpBackend backend, JenkinsBuildRunnerOptions options)
{
    public const string Given = "actions[parameters[name,value]]";

    private const string Item = "id,blocked,buildable,cancelled,executable[number]";
    private const string Build = "number,queueId,building,inProgress,result";

    // What Jenkins shows as "builds"; more of them are "allBuilds". Slack is what may begin between two lists.
    private const int FewBuilds = 100;
    private const int ManyBuilds = 500;
    private const int MaxListed = 2000;
    private const int Slack = 50;

    private const string HowToDeclare =
        "Declare what the files in doc/ci/jenkins declare. If a Jenkinsfile does, build the job once by hand, so that Jenkins has read it.";

    // The name of a branch is escaped in the name of its job, and once more here.
    private readonly string _path = string.Concat(options.Job.Split('/').Select(static name => $"job/{Uri.EscapeDataString(name)}/"));

    private volatile bool _isChecked;
    private volatile bool _hasQueued;
    private long _newest;
    private long _oldest = long.MaxValue;

    public string AddressOf(long number) => $"{options.Url!.AbsoluteUri.TrimEnd('/')}/{_path}{number}/";

    public async Task<ItemId> TriggerAsync(BuildOrder order, Func<CancellationToken, Task<BuildId?>> find, CancellationToken stop)
    {
        HttpReply? answer = null;
        BuildId? IdOf(HttpReply reply) =>
            JenkinsAnswers.QueueIdOf(answer = reply) is { } queueId ? new ItemId(queueId, order.KeyPart).BuildId : null;
        try
        {
            _isChecked = _isChecked || await CheckAsync(order.Parameters.Keys, stop).ConfigureAwait(false);
            using HttpRequestMessage message = new(HttpMethod.Post, $"{_path}buildWithParameters?delay=0sec");
            message.Content = new FormUrlEncodedContent(order.Parameters);
            var id = ItemId.Parse(await backend.CreateAsync(message, IdOf, find, amend: null, stop).ConfigureAwait(false));
            _hasQueued = true;
            return answer?.StatusCode == HttpStatusCode.SeeOther && await IsForeignAsync(id, order, stop).ConfigureAwait(false)
                ? throw Lost(id.BuildId) : id;
        }
        catch (BuildRunnerException exception)
        {
            // The job may have been changed. It is looked at again before the next trigger.
            _isChecked = false;
            const string Advice = "Jenkins wants a crumb, as it does with a password. Set ApiToken to an API token of";
            throw exception is BuildRunnerConfigurationException && exception.Message.Contains("No valid crumb", StringComparison.Ordinal)
                ? new BuildRunnerConfigurationException($"{Advice} '{options.UserName}'.", exception) : exception;
        }
    }

    /// <summary>Says what is wrong with a build that does not have what it was given.</summary>
    public BuildRunnerConfigurationException Lost(BuildId buildId)
    {
        _isChecked = false;
        return new($"The build {buildId} of Jenkins has lost parameters, and builds no changes. {HowToDeclare}") { BuildId = buildId };
    }

    /// <summary>Reads a build alone, or gets null if Jenkins has neither it nor its item.</summary>
    public async Task<BuildState?> GetAsync(ItemId id, long? number, string operation, CancellationToken cancellationToken)
    {
        Row? item = null;
        if (number is null)
        {
            var path = $"queue/item/{id.QueueId}/api/json?tree={Item},{Given}";
            item = await ReadAsync(path, JenkinsJson.Default.Row, operation, cancellationToken).ConfigureAwait(false);
            if (item is not null && item.Id != id.QueueId)
            {
                throw Truncated();
            }

            // It is forgotten five minutes after it has left the queue.
            number = item is null ? await FindNumberAsync(id, operation, cancellationToken).ConfigureAwait(false) : item.Executable?.Number;
        }

        if (number is { } known)
        {
            _oldest = Math.Min(_oldest, known);
            var path = $"{_path}{known}/api/json?tree={Build},{Given}";
            var build = await ReadAsync(path, JenkinsJson.Default.Row, operation, cancellationToken).ConfigureAwait(false);
            if (build?.QueueId == id.QueueId)
            {
                return StateOf(build);
            }

            // It has been deleted, or cannot be read yet. That the job has not gone is found here.
            await ListAsync("number", 0, 1, operation, cancellationToken).ConfigureAwait(false);
        }

        _hasQueued |= item is not null;
        return item is null ? null : StateOf(item);
    }

    /// <summary>Reads all builds: the queue by one request, and by another one the builds down to the oldest that runs.</summary>
    public async Task<IReadOnlyDictionary<JenkinsJob, Dictionary<long, BuildState>>> ReadAllAsync(
        IReadOnlyList<JenkinsJob> jobs, CancellationToken cancellationToken)
    {
        var rows = _hasQueued ? await ListQueueAsync(Item, HttpOperations.Read, cancellationToken).ConfigureAwait(false) : [];
        _hasQueued &= rows.Count > 0;
        var count = (int)Math.Clamp(_newest - _oldest + Slack, FewBuilds, MaxListed);
        rows.AddRange(await ListAsync(Build, 0, count, HttpOperations.Read, cancellationToken).ConfigureAwait(false));
        Dictionary<long, BuildState> states = [];
        rows.ForEach(row => states[row.Key] = StateOf(row));
        _oldest = states.Values.Where(static state => !state.Status.IsTerminal()).Min(static state => state.Number) ?? long.MaxValue;
        return new Dictionary<JenkinsJob, Dictionary<long, BuildState>> { [this] = states };
    }

    /// <summary>Takes an item out of the queue, or stops a build.</summary>
    public async Task CancelAsync(
        ItemId id, long? number, string verb, Func<CancellationToken, Task<bool>> hasEnded, CancellationToken cancellationToken)
    {
        var path = number is null ? $"queue/cancelItem?id={id.QueueId}" : $"{_path}{number}/{verb}";
        using HttpRequestMessage message = new(HttpMethod.Post, path) { Content = new ByteArrayContent([]) };
        HttpReply? answer = null;

        // Only a 204 proves that an item was cancelled.
        bool IsTaken(HttpReply reply) => JenkinsAnswers.IsTaken(answer = reply) && (number is not null || reply.IsSuccess);
        try
        {
            await backend.CancelAsync(message, id.BuildId, hasEnded, IsTaken, cancellationToken).ConfigureAwait(false);
        }
        catch (BuildRunnerException exception) when (answer is not null && JenkinsAnswers.IsForbidden(answer))
        {
            throw new BuildRunnerConfigurationException($"'{options.UserName}' may not cancel builds of '{options.Job}'.", exception);
        }
    }

    /// <summary>Opens the log of a build so far.</summary>
    public Task<Stream> OpenLogAsync(long? number, CancellationToken cancellationToken) => backend.OpenTextAsync(
        number is null ? [] : [new HttpText($"{_path}{number}/logText/progressiveText?start=0")], cancellationToken);

    private static BuildRunnerException Truncated() => new("Jenkins answered without what it was asked for.") { IsTransient = true };

    private BuildState StateOf(Row row) => BuildState.Of(row, options.UnstableSucceeds);

    // Jenkins drops what is not declared, without a word.
    private async Task<bool> CheckAsync(IEnumerable<string> sent, CancellationToken cancellationToken)
    {
        const string Tree = "buildable,property[parameterDefinitions[name,type]]";
        var job = await ReadJobAsync(Tree, HttpOperations.Check, cancellationToken).ConfigureAwait(false);
        var texts = (job.Property ?? []).SelectMany(static one => one?.ParameterDefinitions ?? [])
            .Where(static one => one?.Type is null or "StringParameterDefinition" or "TextParameterDefinition");
        var missing = string.Join(", ", sent.Except(texts.Select(static one => one?.Name)));
        var fault = job.Buildable == false ? "is disabled, or cannot be built" : $"does not declare as string or text: {missing}";
        return missing.Length == 0 && job.Buildable != false ? true
            : throw new BuildRunnerConfigurationException($"The job '{options.Job}' of Jenkins {fault}. {HowToDeclare}");
    }

    // A trigger that was folded into the item of another word has created nothing. Until the item is read, nothing is known.
    private async Task<bool> IsForeignAsync(ItemId id, BuildOrder order, CancellationToken stop)
    {
        try
        {
            var state = await GetAsync(id, number: null, HttpOperations.Check, stop).ConfigureAwait(false);
            return state is not null && state.Order!.Word != order.Word;
        }
        catch (BuildRunnerException exception)
        {
            throw new TriggerOutcomeUnknownException($"Jenkins has folded the trigger into an item. {exception.Message}", exception);
        }
    }

    private async Task<long?> FindNumberAsync(ItemId id, string operation, CancellationToken cancellationToken)
    {
        for (var (from, count) = (0, FewBuilds); ; (from, count) = (from + count, ManyBuilds))
        {
            var builds = await ListAsync("number,queueId", from, count, operation, cancellationToken).ConfigureAwait(false);
            var number = builds.Find(build => build.QueueId == id.QueueId)?.Number;

            // Builds begin about in the order of the queue: it is not behind hundreds that all were queued before it.
            if (number is not null || builds.Count < count || (from > 0 && builds.TrueForAll(build => build.QueueId < id.QueueId)))
            {
                return number;
            }
        }
    }

    public async Task<List<Row>> ListQueueAsync(string tree, string operation, CancellationToken cancellationToken)
    {
        var path = $"queue/api/json?tree=items[{tree}]";
        var queue = await ReadAsync(path, JenkinsJson.Default.QueueRow, operation, cancellationToken).ConfigureAwait(false);
        return [.. queue?.Items?.OfType<Row>() ?? throw Truncated()];
    }

    public async Task<List<Row>> ListAsync(string tree, int from, int count, string operation, CancellationToken cancellationToken)
    {
        var to = from + count;
        var range = $"{(to <= FewBuilds ? "builds" : "allBuilds")}[{tree}]{{{from},{to}}}";
        var job = await ReadJobAsync(range, operation, cancellationToken).ConfigureAwait(false);
        List<Row> builds = [.. (job.Builds ?? job.AllBuilds ?? throw Truncated()).OfType<Row>()];
        _newest = from == 0 && builds is [{ Number: { } newest }, ..] ? newest : _newest;
        return builds;
    }

    private async Task<JobRow> ReadJobAsync(string tree, string operation, CancellationToken cancellationToken) =>
        await ReadAsync($"{_path}api/json?tree={tree}", JenkinsJson.Default.JobRow, operation, cancellationToken).ConfigureAwait(false)
        ?? throw new BuildRunnerConfigurationException($"Jenkins has no job '{options.Job}', or hides it from '{options.UserName}'.");

    private Task<T?> ReadAsync<T>(string path, JsonTypeInfo<T> type, string operation, CancellationToken cancellationToken)
        where T : class => backend.ReadAsync(path, type, buildId: null, operation, cancellationToken);
}
