using System.Net;
using System.Text.Json.Serialization.Metadata;
using BuildRunner.Http.Reading;
using BuildRunner.Http.Sending;

namespace BuildRunner.Http;

/// <summary>
/// Provides a runner's calls to its service: reads that are repeated, creates that never are, and cancels that are checked.
/// </summary>
/// <remarks>
/// <para>One for each runner, as long-lived as the runner. It owns its connections, so that what a host configures for its HTTP clients does not reach it. Safe for concurrent use.</para>
/// <para>Each call keeps to the contract: the caller's cancellation is the only <see cref="OperationCanceledException"/>, and no exception carries a credential.</para>
/// </remarks>
public sealed class HttpBackend : IDisposable
{
    private const int MaxReads = 4;
    private const int MaxAmended = 3;
    private const int MaxRedirects = 3;

    // Half a second, one, two: with full jitter, below half of the default time of a call.
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);

    private static readonly AsyncLocal<bool> Urgent = new();

    private readonly HttpBackendOptions _options;
    private readonly RequestSender _sender;

    /// <summary>
    /// Initializes a new instance of the <see cref="HttpBackend"/> class.
    /// </summary>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public HttpBackend(HttpBackendOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionsCheck.ThrowIfInvalid(options);
        _options = options;
        _sender = new RequestSender(options, options.SharesCredentialsOf?._sender);
    }

    /// <summary>
    /// Gets the key under which each request that is sent says what it is for, with one of <see cref="HttpOperations"/>.
    /// </summary>
    /// <remarks>By it a handler tells a poll from the read before a cancel. A runner sets <see cref="HttpOperations.Check"/> on a request of its own for the same, such as the look-up of a trigger key or a login: it may use what polls leave of a rate limit.</remarks>
    public static HttpRequestOptionsKey<string> Operation { get; } = new("BuildRunner.Http.Operation");

    /// <summary>
    /// Gets the redactor of this backend. It knows every credential that was sent; a runner adds what else is secret.
    /// </summary>
    public SecretRedactor Redactor => _sender.Redactor;

    internal HttpBackendOptions Options => _options;

    internal RequestGate Gate => _sender.Gate;

    internal BuildRunnerException FailureOf(Exception exception) => _sender.FailureOf(new Sent { Error = exception }, buildId: null, HttpOperations.Read);

    /// <summary>
    /// Reads something as JSON. Errors that may pass are tried again within the time of the call.
    /// </summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <param name="request">The request, with an address relative to <see cref="HttpBackendOptions.BaseAddress"/>.</param>
    /// <param name="type">How the answer is read.</param>
    /// <param name="buildId">The build that the read is about, for exceptions; <see langword="null"/> if it is about several or none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>What was read, or <see langword="null"/> if the service itself says that it is not there.</returns>
    /// <exception cref="BuildRunnerConfigurationException">The credentials are refused, or lack a permission.</exception>
    /// <exception cref="BuildRunnerException">The read failed.</exception>
    public async Task<T?> ReadAsync<T>(
        HttpRequestMessage request, JsonTypeInfo<T> type, BuildId? buildId = null, CancellationToken cancellationToken = default)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(type);
        using var time = new CallTime(_options.CallTimeout, _options.TimeProvider, cancellationToken);
        var template = await RequestTemplate.CreateAsync(request, cancellationToken).ConfigureAwait(false);
        var operation = IsUrgent(request) ? HttpOperations.Check : HttpOperations.Read;
        for (var attempt = 1; ; attempt++)
        {
            var sent = await _sender.SendAsync(operation, template, isPoll: operation != HttpOperations.Check, time).ConfigureAwait(false);
            if (sent.Reply is { IsSuccess: true } good && good.TryReadJson(type, out var value))
            {
                _sender.Remember(sent);
                return value;
            }

            if (sent is { Reply.StatusCode: HttpStatusCode.NotFound, IsOwn: true })
            {
                return null;
            }

            var failure = _sender.FailureOf(sent, buildId, HttpOperations.Read);
            if (!failure.IsTransient || failure.RetryAfter is not null || attempt == MaxReads || !await time.TryWaitAsync(Pause(attempt)).ConfigureAwait(false))
            {
                throw failure;
            }
        }
    }

    /// <summary>
    /// Sends a request without judging its answer. For what is no JSON, such as a login. It is sent once, and once more if the credential is refused. A long text is opened with <see cref="OpenTextAsync"/>.
    /// </summary>
    /// <param name="request">The request, with an address relative to <see cref="HttpBackendOptions.BaseAddress"/>.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="BuildRunnerException">There was none.</exception>
    public async Task<HttpReply> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var time = new CallTime(_options.CallTimeout, _options.TimeProvider, cancellationToken);
        var template = await RequestTemplate.CreateAsync(request, cancellationToken).ConfigureAwait(false);
        var sent = await _sender.SendAsync(HttpOperations.Send, template, isPoll: !IsUrgent(request), time).ConfigureAwait(false);
        return sent.Reply ?? throw _sender.FailureOf(sent, buildId: null, HttpOperations.Send);
    }

    /// <summary>
    /// Opens texts, such as the logs of a build, one after the other as one stream. Neither their length nor the time to read them is bounded; each step of reading has the time of a call.
    /// </summary>
    /// <param name="texts">The texts. The first is asked for at once, each other one when those before it have been read.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The texts in UTF-8, without any secret that <see cref="Redactor"/> knows. The caller disposes the stream, which has one reader. Reading throws a <see cref="BuildRunnerException"/> where the line breaks or a text is refused, so that none is left out unseen.</returns>
    /// <exception cref="BuildRunnerConfigurationException">The credentials are refused, or lack a permission.</exception>
    /// <exception cref="BuildRunnerException">The first text is refused, or there was no answer.</exception>
    public async Task<Stream> OpenTextAsync(IReadOnlyList<HttpText> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        TextStream stream = new(OpenAsync, _sender, _options, texts);
        await stream.TryOpenNextAsync(cancellationToken).ConfigureAwait(false);
        return stream;
    }

    /// <summary>
    /// Creates a build. The request is sent at most once, and once more only after an answer that proves that nothing was created: a 401
    /// of the service itself, or a refusal that <paramref name="amend"/> has another request for.
    /// </summary>
    /// <param name="request">The request, with a body: .NET repeats one without on a connection that was closed.</param>
    /// <param name="idOf">Takes the id out of an answer that says that a build was created; <see langword="null"/> if it is not there.</param>
    /// <param name="find">Looks for the build after a lost answer, or <see langword="null"/> if the service has no means. That it finds none, or fails with what is transient, proves nothing.</param>
    /// <param name="amend">Gives another request to send in place of one that was refused, such as without a member that an older version
    /// of the service does not know; <see langword="null"/> if there is none. It is asked about a <see cref="CreateVerdict.Rejected"/> or
    /// <see cref="CreateVerdict.Misconfigured"/> alone, and three times at most. If it throws, there is none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. After that a build may have been created.</param>
    /// <returns>The id of the build.</returns>
    /// <exception cref="ArgumentException">The request has no body.</exception>
    /// <exception cref="TriggerOutcomeUnknownException">The answer was lost or proves nothing, and the build was not found.</exception>
    /// <exception cref="BuildRunnerConfigurationException">Nothing was created: credentials, permission, project or pipeline.</exception>
    /// <exception cref="BuildRunnerException">Nothing was created.</exception>
    public async Task<BuildId> CreateAsync(
        HttpRequestMessage request,
        Func<HttpReply, BuildId?> idOf,
        Func<CancellationToken, Task<BuildId?>>? find = null,
        Func<HttpReply, HttpRequestMessage?>? amend = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(idOf);
        var template = await CreateTemplateAsync(request, cancellationToken).ConfigureAwait(false);
        for (var amended = 0; ; amended++)
        {
            var sent = await _sender.WriteAsync(HttpOperations.Create, template, cancellationToken).ConfigureAwait(false);
            CreateVerdict verdict;
            try
            {
                verdict = _sender.JudgeCreate(sent);
                if (verdict == CreateVerdict.Created && idOf(sent.Reply!) is { } buildId)
                {
                    return buildId;
                }
            }
            catch (Exception exception)
            {
                (sent, verdict) = (new Sent { Error = exception }, CreateVerdict.Unknown);
            }

            var isRefusal = verdict is CreateVerdict.Rejected or CreateVerdict.Misconfigured;
            if (isRefusal && amended < MaxAmended && sent.Reply is { } refusal && Amend(amend, refusal) is { } other)
            {
                template = await CreateTemplateAsync(other, cancellationToken).ConfigureAwait(false);
                continue;
            }

            if (verdict is not (CreateVerdict.Created or CreateVerdict.Unknown))
            {
                throw _sender.RefusalOf(sent, verdict);
            }

            return await FindLostAsync(find, _sender.FailureOf(sent, buildId: null, HttpOperations.Create), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Cancels a build: asks whether it has ended, sends the request once, and after a refusal asks again.
    /// </summary>
    /// <param name="request">The request, with a body.</param>
    /// <param name="buildId">The build.</param>
    /// <param name="hasEnded">Reads whether the build has ended; throws <see cref="BuildNotFoundException"/> if it is not there.</param>
    /// <param name="isAccepted">Tells whether an answer says that the cancel was taken; <see langword="null"/> for each 2xx.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when the service has the request, or the build has ended.</returns>
    /// <exception cref="ArgumentException">The request has no body.</exception>
    /// <exception cref="BuildNotFoundException">The build is not there.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The credentials are refused, or lack a permission.</exception>
    /// <exception cref="BuildRunnerException">The cancel was refused, or the call failed. Transient for a refusal: try again.</exception>
    public async Task CancelAsync(
        HttpRequestMessage request,
        BuildId buildId,
        Func<CancellationToken, Task<bool>> hasEnded,
        Func<HttpReply, bool>? isAccepted = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(hasEnded);
        var template = await RequestTemplate.CreateAsync(request, cancellationToken).ConfigureAwait(false);
        if (!template.HasBody)
        {
            throw new ArgumentException("A cancel needs a body, if only an empty one.", nameof(request));
        }

        if (await HasEndedAsync(hasEnded, buildId, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        var sent = await _sender.WriteAsync(HttpOperations.Cancel, template, cancellationToken).ConfigureAwait(false);
        try
        {
            if (sent.Reply is { } reply && (isAccepted?.Invoke(reply) ?? reply.IsSuccess))
            {
                return;
            }
        }
        catch (Exception exception)
        {
            sent = new Sent { Error = exception };
        }

        var failure = _sender.FailureOf(sent, buildId, HttpOperations.Cancel);
        if (failure is not BuildRunnerConfigurationException && await HasEndedAsync(hasEnded, buildId, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        throw failure is BuildRunnerConfigurationException || failure.IsTransient
            ? failure
            : new BuildRunnerException(failure.Message, failure) { BuildId = buildId, IsTransient = true };
    }

    /// <summary>
    /// Closes the connections. Calls under way fail.
    /// </summary>
    public void Dispose() => _sender.Dispose();

    private static bool IsUrgent(HttpRequestMessage request) =>
        Urgent.Value || (request.Options.TryGetValue(Operation, out var marked) && marked == HttpOperations.Check);

    // Reads that a create or a cancel needs are no polls: they may use what polls leave.
    private static async Task<T> UrgentlyAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        Urgent.Value = true;
        return await read(cancellationToken).ConfigureAwait(false);
    }

    private static TimeSpan Pause(int attempt) => FirstPause * Math.Pow(2, attempt - 1) * Random.Shared.NextDouble();

    private static HttpRequestMessage? Amend(Func<HttpReply, HttpRequestMessage?>? amend, HttpReply refusal)
    {
        try
        {
            return amend?.Invoke(refusal);
        }
        catch (Exception)
        {
            // The refusal says more.
            return null;
        }
    }

    private static async Task<RequestTemplate> CreateTemplateAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var template = await RequestTemplate.CreateAsync(request, cancellationToken).ConfigureAwait(false);
        return template.HasBody
            ? template
            : throw new ArgumentException(
                "A create needs a body, if only an empty one: .NET sends a request without one again when its connection was closed.",
                nameof(request));
    }

    private async Task<HttpResponseMessage?> OpenAsync(HttpText text, CancellationToken cancellationToken)
    {
        using CallTime time = new(_options.CallTimeout, _options.TimeProvider, cancellationToken);
        using HttpRequestMessage request = new(HttpMethod.Get, text.Address);
        var template = await RequestTemplate.CreateAsync(request, cancellationToken).ConfigureAwait(false);
        var address = _sender.AddressOf(request.RequestUri);
        var sent = await _sender.SendAsync(HttpOperations.Open, template, isPoll: true, time).ConfigureAwait(false);
        var isElsewhere = false;
        for (var hops = 0; text.FollowsRedirects && sent.Reply is { } reply && Redirect.IsOne(reply); hops++)
        {
            address = hops < MaxRedirects ? Redirect.Next(address, reply, _options.Name) : throw Redirect.TooMany(_options.Name);
            isElsewhere = true;
            sent = await _sender.OpenElsewhereAsync(address, time).ConfigureAwait(false);
        }

        // Where a redirect leads nobody answers in the form of the service.
        return sent.Reply is { } last && text.MayBeMissing && (int)last.StatusCode is 404 or 410 && (isElsewhere || sent.IsOwn)
            ? null
            : sent.Opened ?? throw _sender.FailureOf(sent, buildId: null, HttpOperations.Open);
    }

    private async Task<bool> HasEndedAsync(Func<CancellationToken, Task<bool>> hasEnded, BuildId buildId, CancellationToken cancellationToken)
    {
        try
        {
            return await UrgentlyAsync(hasEnded, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not BuildRunnerException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw _sender.FailureOf(new Sent { Error = exception }, buildId, "look before a cancel");
        }
    }

    private async Task<BuildId> FindLostAsync(Func<CancellationToken, Task<BuildId?>>? find, BuildRunnerException lost, CancellationToken cancellationToken)
    {
        if (find is null)
        {
            throw new TriggerOutcomeUnknownException(lost.Message, lost);
        }

        try
        {
            BuildRunnerException? failed = null;
            foreach (var delay in _options.FindDelays.Prepend(TimeSpan.Zero))
            {
                await Task.Delay(delay, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
                try
                {
                    (var found, failed) = (await UrgentlyAsync(find, cancellationToken).ConfigureAwait(false), null);
                    if (found is { } buildId)
                    {
                        return buildId;
                    }
                }
                catch (BuildRunnerException exception) when (exception.IsTransient)
                {
                    failed = exception;
                }
            }

            throw failed ?? new TriggerOutcomeUnknownException($"{lost.Message} No build with this key was found so far.", lost);
        }
        catch (Exception exception) when (exception is not TriggerOutcomeUnknownException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new TriggerOutcomeUnknownException($"{lost.Message} Looking for the build failed too: {_sender.Excerpt(exception.Message)}", lost);
        }
    }
}
