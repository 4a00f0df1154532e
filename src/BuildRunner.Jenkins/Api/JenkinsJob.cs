using System.Globalization;
using System.Net;
using System.Text.Json.Serialization.Metadata;
using BuildRunner.Http;

namespace BuildRunner.Jenkins.Api;

/// <summary>The calls about one job.</summary>
internal sealed class JenkinsJob(HttpBackend backend, JenkinsBuildRunnerOptions options)
{
    public const string Actions = "actions[parameters[name,value]]";

    private const string Item = "id,blocked,buildable,cancelled,executable[number]";
    private const string Build = "number,queueId,building,inProgress,result";

    // What Jenkins shows as "builds". More of them are "allBuilds".
    private const int FewBuilds = 100;
    private const int ManyBuilds = 500;
    private const int MaxListed = 2000;

    // As many may begin between two lists.
    private const int Slack = 50;

    private const string HowToDeclare =
        "Declare what the files in doc/ci/jenkins declare. If a Jenkinsfile does, build the job once by hand, so that Jenkins has read it.";

    // The name of a branch is escaped in the name of its job, and once more here.
    private readonly string _path = string.Concat(options.Job.Split('/').Select(static name => $"job/{Uri.EscapeDataString(name)}/"));

    private volatile bool _isChecked;
    private long _newest;

    /// <summary>Gets the address of a build for people.</summary>
    public string AddressOf(long number) => $"{options.Url!.AbsoluteUri.TrimEnd('/')}/{_path}{Text(number)}/";

    public async Task<ItemId> TriggerAsync(
        BuildOrder order, Func<CancellationToken, Task<BuildId?>> find, CancellationToken cancellationToken)
    {
        var isFolded = false;
        BuildId? IdOf(HttpReply reply)
        {
            isFolded = reply.StatusCode == HttpStatusCode.SeeOther;
            return JenkinsAnswers.QueueIdOf(reply) is { } queueId ? new ItemId(queueId, order.KeyPart).BuildId : null;
        }

        try
        {
            await CheckAsync(order.Parameters.Keys, cancellationToken).ConfigureAwait(false);
            using HttpRequestMessage message = new(HttpMethod.Post, $"{_path}buildWithParameters?delay=0sec");
            message.Content = new FormUrlEncodedContent(order.Parameters);
            var id = ItemId.Parse(await backend.CreateAsync(message, IdOf, find, amend: null, cancellationToken).ConfigureAwait(false));
            return isFolded && await GetAsync(id, number: null, HttpOperations.Check, cancellationToken).ConfigureAwait(false) is { } state
                && state.Order!.Word != order.Word ? throw Lost(id.BuildId) : id;
        }
        catch (BuildRunnerException exception)
        {
            // The job may have been changed. It is looked at again before the next trigger.
            _isChecked = false;
            throw IsAboutCrumb(exception) ? UseToken(exception) : exception;
        }
    }

    /// <summary>Says what is wrong with a build that does not have what it was given.</summary>
    public BuildRunnerConfigurationException Lost(BuildId buildId)
    {
        _isChecked = false;
        return new($"The build {buildId} of Jenkins has lost parameters, and does not build its changes. {HowToDeclare}") { BuildId = buildId };
    }

    /// <summary>Reads a build alone, or gets null if Jenkins has neither it nor its item.</summary>
    public async Task<BuildState?> GetAsync(ItemId id, long? number, string operation, CancellationToken cancellationToken)
    {
        ItemRow? item = null;
        if (number is null)
        {
            var path = $"queue/item/{id.Text}/api/json?tree={Item},{Actions}";
            item = await ReadAsync(path, JenkinsJson.Default.ItemRow, operation, cancellationToken).ConfigureAwait(false);

            // It is forgotten five minutes after it has left the queue.
            number = item is null ? await FindNumberAsync(id, operation, cancellationToken).ConfigureAwait(false) : item.Executable?.Number;
        }

        if (number is { } known)
        {
            var path = $"{_path}{Text(known)}/api/json?tree={Build},{Actions}";
            var build = await ReadAsync(path, JenkinsJson.Default.BuildRow, operation, cancellationToken).ConfigureAwait(false);
            if (build?.QueueId == id.QueueId)
            {
                return StateOf(build) with { Order = BuildOrder.Of(build.Actions) };
            }

            // It has been deleted, or cannot be read yet. That the job has not gone is found here.
            await ListAsync("number", 0, 1, operation, cancellationToken).ConfigureAwait(false);
        }

        return item is null ? null : BuildState.Of(item) with { Order = BuildOrder.Of(item.Actions) };
    }

    /// <summary>Reads many builds: the whole queue by one request, and by another one the builds down to the oldest of them.</summary>
    public async Task<IReadOnlyDictionary<ItemId, BuildState>> GetManyAsync(
        IReadOnlyList<(ItemId Id, long? Number)> builds, CancellationToken cancellationToken)
    {
        Dictionary<long, BuildState> states = [];
        if (builds.Any(static build => build.Number is null))
        {
            var queue = await ListQueueAsync(cancellationToken, Item, HttpOperations.Read).ConfigureAwait(false);
            states = queue.ToDictionary(static item => item.Id, BuildState.Of);
        }

        if (builds.Any(build => !states.ContainsKey(build.Id.QueueId)))
        {
            var oldest = builds.Min(static build => build.Number) ?? long.MaxValue;
            var count = (int)Math.Clamp(Volatile.Read(ref _newest) - oldest + Slack, FewBuilds, MaxListed);
            var listed = await ListAsync(Build, 0, count, HttpOperations.Read, cancellationToken).ConfigureAwait(false);
            listed.ToList().ForEach(build => states[build.QueueId] = StateOf(build));
        }

        return builds.Where(build => states.ContainsKey(build.Id.QueueId))
            .ToDictionary(static build => build.Id, build => states[build.Id.QueueId]);
    }

    /// <summary>Lists the queue of the controller, as far as the user may see it.</summary>
    public async Task<List<ItemRow>> ListQueueAsync(
        CancellationToken cancellationToken, string tree = $"id,{Actions}", string operation = HttpOperations.Check)
    {
        var path = $"queue/api/json?tree=items[{tree}]";
        var queue = await ReadAsync(path, JenkinsJson.Default.QueueRow, operation, cancellationToken).ConfigureAwait(false);
        return [.. queue?.Items?.OfType<ItemRow>().DistinctBy(static item => item.Id) ?? throw Truncated()];
    }

    /// <summary>Lists builds of the job, the newest first.</summary>
    public async Task<List<BuildRow>> ListAsync(string tree, int from, int count, string operation, CancellationToken cancellationToken)
    {
        var to = from + count;
        var range = $"{(to <= FewBuilds ? "builds" : "allBuilds")}[{tree}]{{{Text(from)},{Text(to)}}}";
        var job = await ReadJobAsync(range, operation, cancellationToken).ConfigureAwait(false);
        List<BuildRow> builds = [.. (job.Builds ?? job.AllBuilds ?? throw Truncated()).OfType<BuildRow>()];
        Volatile.Write(ref _newest, from == 0 && builds is [var newest, ..] ? newest.Number : Volatile.Read(ref _newest));
        return builds;
    }

    /// <summary>Takes an item out of the queue, or stops a build.</summary>
    /// <returns><see langword="false"/> if the item is not in the queue any more.</returns>
    public async Task<bool> CancelAsync(
        ItemId id, long? number, string verb, Func<CancellationToken, Task<bool>> hasEnded, CancellationToken cancellationToken)
    {
        var path = number is { } build ? $"{_path}{Text(build)}/{verb}" : $"queue/cancelItem?id={id.Text}";
        using HttpRequestMessage message = new(HttpMethod.Post, path) { Content = new ByteArrayContent([]) };
        var (hasLeft, isForbidden) = (false, false);
        bool IsAccepted(HttpReply reply)
        {
            hasLeft = number is null && JenkinsAnswers.IsOwn(reply) && (int)reply.StatusCode is 404 or 500;
            isForbidden = number is null && JenkinsAnswers.IsOwn(reply) && (int)reply.StatusCode is 422;
            return hasLeft || JenkinsAnswers.IsTaken(reply);
        }

        try
        {
            await backend.CancelAsync(message, id.BuildId, hasEnded, IsAccepted, cancellationToken).ConfigureAwait(false);
            return !hasLeft;
        }
        catch (BuildRunnerException exception) when (isForbidden || IsAboutCrumb(exception))
        {
            var text = $"'{options.UserName}' may not cancel the builds of '{options.Job}'.";
            throw isForbidden ? new BuildRunnerConfigurationException(text, exception) : UseToken(exception);
        }
    }

    /// <summary>Opens the log of a build so far.</summary>
    public Task<Stream> OpenLogAsync(long? number, CancellationToken cancellationToken) => backend.OpenTextAsync(
        number is { } build ? [new HttpText($"{_path}{Text(build)}/logText/progressiveText?start=0")] : [], cancellationToken);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static BuildRunnerException Truncated() => new("Jenkins answered without the list that it was asked for.") { IsTransient = true };

    private static bool IsAboutCrumb(BuildRunnerException exception) =>
        exception is BuildRunnerConfigurationException && exception.Message.Contains("No valid crumb", StringComparison.Ordinal);

    private BuildRunnerConfigurationException UseToken(BuildRunnerException exception) =>
        new($"Jenkins wants a crumb, as it does with a password. Set ApiToken to an API token of '{options.UserName}'.", exception);

    private BuildState StateOf(BuildRow build) => BuildState.Of(build, options.UnstableSucceeds);

    // Jenkins drops what is not declared, without a word.
    private async Task CheckAsync(IEnumerable<string> sent, CancellationToken cancellationToken)
    {
        if (_isChecked)
        {
            return;
        }

        const string Tree = "buildable,property[parameterDefinitions[name,type]]";
        var job = await ReadJobAsync(Tree, HttpOperations.Check, cancellationToken).ConfigureAwait(false);
        var texts = (job.Property ?? []).SelectMany(static one => one?.ParameterDefinitions ?? []).Where(static one =>
            one?.Type is not { } type || type.EndsWith("StringParameterDefinition", StringComparison.Ordinal)
                || type.EndsWith("TextParameterDefinition", StringComparison.Ordinal)).Select(static one => one?.Name);
        var missing = string.Join(", ", sent.Except(texts));
        _isChecked = missing.Length == 0 && job.Buildable != false;
        if (!_isChecked)
        {
            throw new BuildRunnerConfigurationException(job.Buildable == false
                ? $"The job '{options.Job}' of Jenkins is disabled, or cannot be built."
                : $"The job '{options.Job}' of Jenkins does not declare as string or text: {missing}. {HowToDeclare}");
        }
    }

    private async Task<long?> FindNumberAsync(ItemId id, string operation, CancellationToken cancellationToken)
    {
        for (var (from, count) = (0, FewBuilds); ; (from, count) = (from + count, ManyBuilds))
        {
            var builds = await ListAsync("number,queueId", from, count, operation, cancellationToken).ConfigureAwait(false);

            // Builds begin about in the order of the queue: it is not behind hundreds that all were queued before it.
            if (builds.Find(build => build.QueueId == id.QueueId)?.Number is var found
                && (found is not null || builds.Count < count || (from > 0 && builds.TrueForAll(build => build.QueueId < id.QueueId))))
            {
                return found;
            }
        }
    }

    private async Task<JobRow> ReadJobAsync(string tree, string operation, CancellationToken cancellationToken) =>
        await ReadAsync($"{_path}api/json?tree={tree}", JenkinsJson.Default.JobRow, operation, cancellationToken).ConfigureAwait(false)
        ?? throw new BuildRunnerConfigurationException($"Jenkins has no job '{options.Job}', or hides it from '{options.UserName}'.");

    private Task<T?> ReadAsync<T>(string path, JsonTypeInfo<T> type, string operation, CancellationToken cancellationToken)
        where T : class => backend.ReadAsync(path, type, buildId: null, operation, cancellationToken);
}
