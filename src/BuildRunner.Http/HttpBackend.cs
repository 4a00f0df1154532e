using System.Net;
using System.Text.Json.Serialization.Metadata;
using BuildRunner.Http.Reading;
using BuildRunner.Http.Sending;

namespace BuildRunner.Http;

/// <summary>
/// Provides a runner's calls to its service: reads are repeated, creates never are, and cancels are checked.
/// </summary>
/// <remarks>
/// <para>
/// Create one backend per runner, and keep it as long as the runner. It owns its connections, so the host's configuration of HTTP clients
/// does not affect it. Safe for concurrent use.
/// </para>
/// <para>
/// Each call fulfils the contract: it throws an <see cref="OperationCanceledException"/> only if the caller cancels, and no exception
/// contains a credential.
/// </para>
/// </remarks>
public sealed class HttpBackend : IDisposable
{
    private const int MaxReads = 4;

    // 0.5, 1 and 2 seconds: with full jitter, less than half of the default time of a call.
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);

    private readonly HttpBackendOptions _options;
    private readonly RequestSender _sender;

    /// <summary>
    /// Initializes a new instance of the <see cref="HttpBackend"/> class.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public HttpBackend(HttpBackendOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionsCheck.ThrowIfInvalid(options);
        _options = options;
        _sender = new RequestSender(options, options.SharesCredentialsOf?._sender);
    }

    /// <summary>
    /// Gets the key of the request option that holds the operation of a request: one of <see cref="HttpOperations"/>.
    /// </summary>
    /// <remarks>
    /// A handler can use it to tell a poll from the read before a cancel. A runner sets it to <see cref="HttpOperations.Check"/> on
    /// requests such as the look-up of a trigger key or a login, which may then use the part of a rate limit that polls leave.
    /// </remarks>
    public static HttpRequestOptionsKey<string> Operation { get; } = new("BuildRunner.Http.Operation");

    /// <summary>
    /// Gets the redactor of this backend. It knows every credential that was sent. A runner adds its other secrets.
    /// </summary>
    public SecretRedactor Redactor => _sender.Redactor;

    internal HttpBackendOptions Options => _options;

    internal RequestGate Gate => _sender.Gate;

    internal BuildRunnerException FailureOf(Exception exception) =>
        _sender.FailureOf(new Sent { Error = exception }, buildId: null, HttpOperations.Read);

    /// <summary>
    /// Reads an address as JSON. Retries transient errors within the time of the call.
    /// </summary>
    /// <typeparam name="T">The type to read.</typeparam>
    /// <param name="request">The request, with an address relative to <see cref="HttpBackendOptions.BaseAddress"/>.</param>
    /// <param name="type">The metadata for reading the type.</param>
    /// <param name="buildId">The build that the read is about, for exceptions, or <see langword="null"/> for several builds or
    /// none.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>.</param>
    /// <returns>The value, or <see langword="null"/> if the service itself answers 404.</returns>
    /// <exception cref="BuildRunnerConfigurationException">The credentials are refused or lack a permission.</exception>
    /// <exception cref="BuildRunnerException">The read failed.</exception>
    public async Task<T?> ReadAsync<T>(
        HttpRequestMessage request, JsonTypeInfo<T> type, BuildId? buildId = null, CancellationToken cancellationToken = default)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(type);
        using var time = new CallTime(_options.CallTimeout, _options.TimeProvider, cancellationToken);
        var template = await RequestTemplate.CreateAsync(request, cancellationToken).ConfigureAwait(false);
        var operation = Urgency.IsUrgent(request) ? HttpOperations.Check : HttpOperations.Read;
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
            if (!failure.IsTransient
                || failure.RetryAfter is not null
                || attempt == MaxReads
                || !await time.TryWaitAsync(Pause(attempt)).ConfigureAwait(false))
            {
                throw failure;
            }
        }
    }

    /// <summary>
    /// Sends a request without judging its answer, for anything that is not JSON, such as a login. Sends it once, and once more if the
    /// credential is refused. For long text, use <see cref="OpenTextAsync"/>.
    /// </summary>
    /// <param name="request">The request, with an address relative to <see cref="HttpBackendOptions.BaseAddress"/>.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="BuildRunnerException">There was no answer.</exception>
    public async Task<HttpReply> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var time = new CallTime(_options.CallTimeout, _options.TimeProvider, cancellationToken);
        var template = await RequestTemplate.CreateAsync(request, cancellationToken).ConfigureAwait(false);
        var sent = await _sender.SendAsync(HttpOperations.Send, template, isPoll: !Urgency.IsUrgent(request), time).ConfigureAwait(false);
        return sent.Reply ?? throw _sender.FailureOf(sent, buildId: null, HttpOperations.Send);
    }

    /// <summary>
    /// Opens texts, such as the logs of a build, one after the other as one stream. Their length and the time to read them are unlimited;
    /// each read has the time of a call.
    /// </summary>
    /// <param name="texts">The texts. The first is requested at once, each of the others after the ones before it have been read.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>.</param>
    /// <returns>The texts in UTF-8, without the secrets that <see cref="Redactor"/> knows. The caller disposes the stream, which is for one
    /// reader. Reading throws a <see cref="BuildRunnerException"/> if the connection breaks or a text is refused, so no text is left out
    /// silently.</returns>
    /// <exception cref="BuildRunnerConfigurationException">The credentials are refused or lack a permission.</exception>
    /// <exception cref="BuildRunnerException">The first text is refused, or there was no answer.</exception>
    public async Task<Stream> OpenTextAsync(IReadOnlyList<HttpText> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        TextStream stream = new(_sender, _options, texts);
        await stream.TryOpenNextAsync(cancellationToken).ConfigureAwait(false);
        return stream;
    }

    /// <summary>
    /// Creates a build. The request is sent at most once, and once more only after an answer that proves that nothing was created: a
    /// 401 of the service itself, or a refusal for which <paramref name="amend"/> has another request.
    /// </summary>
    /// <param name="request">The request. It must have a body, because .NET repeats a request without one if its connection was
    /// closed.</param>
    /// <param name="idOf">Gets the id from an answer that means that a build was created, or <see langword="null"/> if it contains
    /// none.</param>
    /// <param name="find">Looks for the build after a lost answer, or <see langword="null"/> if the service cannot. Finding no build, or
    /// failing with a transient error, proves nothing.</param>
    /// <param name="amend">Creates another request to send after a refusal, for example without a member that an older version of the
    /// service does not know, or returns <see langword="null"/> if there is none. It is called only for
    /// <see cref="CreateVerdict.Rejected"/> and <see cref="CreateVerdict.Misconfigured"/>, and at most three times. If it throws, there is
    /// none.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>. Cancelling abandons the call: a build may have been created.</param>
    /// <returns>The id of the build.</returns>
    /// <exception cref="ArgumentException">The request has no body.</exception>
    /// <exception cref="TriggerOutcomeUnknownException">The answer was lost or proves nothing, and the build was not found.</exception>
    /// <exception cref="BuildRunnerConfigurationException">Nothing was created, because of credentials, a permission, a project or a
    /// pipeline.</exception>
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
        return await new CreateCall(_sender, _options, idOf, find, amend).SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Cancels a build: checks whether it has ended, sends the request once, and checks again after a refusal.
    /// </summary>
    /// <param name="request">The request. It must have a body.</param>
    /// <param name="buildId">The build.</param>
    /// <param name="hasEnded">Reads whether the build has ended. Throws <see cref="BuildNotFoundException"/> if it does not exist.</param>
    /// <param name="isAccepted">Determines whether an answer means that the cancel was accepted. <see langword="null"/> accepts every
    /// 2xx.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>.</param>
    /// <returns>A task that completes when the service has the request or the build has ended.</returns>
    /// <exception cref="ArgumentException">The request has no body.</exception>
    /// <exception cref="BuildNotFoundException">The build does not exist.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The credentials are refused or lack a permission.</exception>
    /// <exception cref="BuildRunnerException">The cancel was refused, which is transient, or the call failed.</exception>
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
            throw new ArgumentException("A cancel needs a body; add an empty one.", nameof(request));
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
        if (failure is not BuildRunnerConfigurationException
            && await HasEndedAsync(hasEnded, buildId, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        throw failure is BuildRunnerConfigurationException || failure.IsTransient
            ? failure
            : new BuildRunnerException(failure.Message, failure) { BuildId = buildId, IsTransient = true };
    }

    /// <summary>
    /// Closes the connections. Pending calls fail.
    /// </summary>
    public void Dispose() => _sender.Dispose();

    private static TimeSpan Pause(int attempt) => FirstPause * Math.Pow(2, attempt - 1) * Random.Shared.NextDouble();

    private async Task<bool> HasEndedAsync(
        Func<CancellationToken, Task<bool>> hasEnded,
        BuildId buildId,
        CancellationToken cancellationToken)
    {
        try
        {
            return await Urgency.ReadAsync(hasEnded, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not BuildRunnerException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw _sender.FailureOf(new Sent { Error = exception }, buildId, HttpOperations.Check);
        }
    }
}
