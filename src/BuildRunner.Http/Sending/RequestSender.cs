using System.Net;
using System.Text;

namespace BuildRunner.Http.Sending;

/// <summary>Sends requests one by one, and says what their answers mean.</summary>
internal sealed class RequestSender : IDisposable
{
    private const int MaxExcerpt = 1024;

    private readonly HttpBackendOptions _options;
    private readonly Uri _baseAddress;
    private readonly HttpClient _client;
    private readonly CredentialCache? _credentials;
    private readonly RememberedReplies? _remembered;
    private readonly bool _ownsCredentials;
    private readonly SemaphoreSlim _slots;

    public RequestSender(HttpBackendOptions options, RequestSender? shared)
    {
        _options = options;
        _ownsCredentials = shared is null;
        _slots = new SemaphoreSlim(options.Concurrency, options.Concurrency);
        Redactor = shared?.Redactor ?? new SecretRedactor();
        var address = options.BaseAddress.AbsoluteUri;
        _baseAddress = new Uri(address.EndsWith('/') ? address : address + "/");
        Gate = new RequestGate(options.TimeProvider);
        _credentials = shared is not null ? shared._credentials
            : options.Credentials is null ? null
            : new CredentialCache(options.Credentials, Redactor, options.TimeProvider);
        _remembered = options.MaxRememberedBytes == 0 ? null : new RememberedReplies(options.MaxRememberedBytes);
        _client = new HttpClient(options.CreateHandler?.Invoke() ?? CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public SecretRedactor Redactor { get; }

    public RequestGate Gate { get; }

    /// <summary>Sends a create or a cancel when it is its turn. Only then does the time of the call begin.</summary>
    public async Task<Sent> WriteAsync(string operation, RequestTemplate template, CancellationToken caller)
    {
        caller.ThrowIfCancellationRequested();
        if (_options.WriteInterval > TimeSpan.Zero)
        {
            var (turn, wait) = Gate.TakeTurn(_options.WriteInterval, _options.CallTimeout / 2);
            if (turn is null)
            {
                HttpTelemetry.Record(_options.Name, operation, "held");
                return new Sent { Held = wait, IsCrowded = true, MayHaveArrived = false };
            }

            try
            {
                await Task.Delay(wait, _options.TimeProvider, caller).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                Gate.LeaveTurn(turn.Value);
                throw;
            }
        }

        using CallTime time = new(_options.CallTimeout, _options.TimeProvider, caller);
        return await SendAsync(operation, template, isPoll: false, time).ConfigureAwait(false);
    }

    public async Task<Sent> SendAsync(string operation, RequestTemplate template, bool isPoll, CallTime time)
    {
        if (Gate.WaitOf(isPoll) is { } wait)
        {
            HttpTelemetry.Record(_options.Name, operation, "held");
            return new Sent { Held = wait, MayHaveArrived = false };
        }

        var sent = await SendWithCredentialsAsync(operation, template, time).ConfigureAwait(false);
        var outcome = sent switch
        {
            { IsConfirmed: true } => "304",
            { Reply: { } reply } => ((int)reply.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => "lost",
        };
        HttpTelemetry.Record(_options.Name, operation, outcome);
        return sent;
    }

    /// <summary>Remembers what was read, after it could be.</summary>
    public void Remember(Sent sent)
    {
        if (sent is { Key: { } key, Reply: { } reply, IsOwn: true })
        {
            _remembered!.Set(key, reply);
        }
    }

    public CreateVerdict JudgeCreate(Sent sent) => sent.Reply is { } reply
        ? _options.JudgeCreate?.Invoke(reply) ?? DefaultVerdict(sent, reply)
        : sent.MayHaveArrived ? CreateVerdict.Unknown : CreateVerdict.TryLater;

    public BuildRunnerException RefusalOf(Sent sent, CreateVerdict verdict)
    {
        var failure = FailureOf(sent, buildId: null, "create");
        return verdict switch
        {
            CreateVerdict.Misconfigured => failure as BuildRunnerConfigurationException ?? new BuildRunnerConfigurationException(failure.Message),
            CreateVerdict.TryLater => failure.IsTransient ? failure : new BuildRunnerException(failure.Message) { IsTransient = true },
            _ => new BuildRunnerException(failure.Message),
        };
    }

    /// <summary>Says what a request that did not do what it should means to a caller, apart from what it created.</summary>
    public BuildRunnerException FailureOf(Sent sent, BuildId? buildId, string operation)
    {
        if (sent.Held is { } held)
        {
            var why = sent.IsCrowded ? $"Too many calls wait for their turn at {_options.Name}" : $"{_options.Name} asked to be left alone";
            return new BuildRunnerException($"{why}; the call to {operation} was not sent.") { BuildId = buildId, IsTransient = true, RetryAfter = held };
        }

        if (sent.Reply is not { } reply)
        {
            var why = sent.Error is OperationCanceledException ? "there was no answer in time" : Excerpt(sent.Error?.Message);

            // What is too long is so the next time as well.
            var isTransient = sent.Error is not HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded };
            return new BuildRunnerException($"The call to {operation} at {_options.Name} failed: {why}.") { BuildId = buildId, IsTransient = isTransient };
        }

        var quota = sent.Quota;
        var text = $"{_options.Name} answered {(int)reply.StatusCode} to the call to {operation}{(reply.IsSuccess ? ", with a body that cannot be read" : "")}: {Excerpt(reply.Text)}";
        if (quota.RetryAfter is not null || reply.StatusCode == HttpStatusCode.TooManyRequests || (reply.StatusCode == HttpStatusCode.Forbidden && quota.Remaining == 0))
        {
            return new BuildRunnerException(text) { BuildId = buildId, IsTransient = true, RetryAfter = RequestGate.Bound(quota.RetryAfter) ?? Gate.WaitOf(isPoll: false) };
        }

        // A page of a proxy says nothing about the service, however final its status sounds.
        var isOwn = sent.IsOwn;
        return (int)reply.StatusCode switch
        {
            401 or 403 when isOwn => new BuildRunnerConfigurationException(text) { BuildId = buildId },
            404 when isOwn && buildId is { } missing => new BuildNotFoundException(text) { BuildId = missing },
            >= 400 and < 500 and not (408 or 425) when isOwn => new BuildRunnerException(text) { BuildId = buildId },
            _ => new BuildRunnerException(text) { BuildId = buildId, IsTransient = true },
        };
    }

    public void Dispose()
    {
        _client.Dispose();
        _slots.Dispose();
        if (_ownsCredentials)
        {
            _credentials?.Dispose();
        }
    }

    private static SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.All,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        UseCookies = false,
    };

    private async Task<Sent> SendWithCredentialsAsync(string operation, RequestTemplate template, CallTime time)
    {
        HttpCredential? refused = null;
        while (true)
        {
            HttpCredential? credential;
            try
            {
                credential = _credentials is null ? null : await _credentials.GetAsync(refused, time.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not BuildRunnerException)
            {
                time.ThrowIfCallerLeft();
                return new Sent { Error = exception, MayHaveArrived = false };
            }

            var sent = await SendOnceAsync(operation, template, credential, time).ConfigureAwait(false);

            // The service's own refusal proves that nothing was done, so that even a create may go once more, with another credential.
            if (!sent.IsCredentialRefused || refused is not null || credential is null || (template.HasBody && !sent.IsOwn))
            {
                return sent;
            }

            refused = credential;
        }
    }

    private async Task<Sent> SendOnceAsync(string operation, RequestTemplate template, HttpCredential? credential, CallTime time)
    {
        var (request, content) = template.Instantiate(AddressOf(template.Address), credential);
        request.Options.Set(HttpBackend.Operation, operation);
        foreach (var (name, value) in _options.Headers)
        {
            if (!request.Headers.Contains(name))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        var key = _remembered is not null && operation is HttpOperations.Read or HttpOperations.Check ? RememberedReplies.KeyOf(request) : null;
        HttpReply? known = null;
        if (key is not null && _remembered!.TryGet(key, out var tag, out known))
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        }

        HttpResponseMessage? response = null;
        HttpResponseMessage? opened = null;
        var hasSlot = false;
        using (request)
        {
            try
            {
                await _slots.WaitAsync(time.Token).ConfigureAwait(false);
                hasSlot = true;
                response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, time.Token).ConfigureAwait(false);
                var isLeftOpen = operation == HttpOperations.Open && response.IsSuccessStatusCode;
                var body = isLeftOpen ? [] : await ReadBodyAsync(response.Content, time.Token).ConfigureAwait(false);
                HttpReply reply = new(response, body, _options.TimeProvider.GetUtcNow());
                var quota = QuotaOf(reply);
                Gate.Observe(quota, reply.StatusCode == HttpStatusCode.TooManyRequests);
                if (quota.Remaining is { } remaining)
                {
                    HttpTelemetry.RecordRemaining(_options.Name, remaining);
                }

                if (known is not null && reply.StatusCode == HttpStatusCode.NotModified)
                {
                    return new Sent { Reply = known, IsConfirmed = true };
                }

                Sent sent = new()
                {
                    Reply = reply,
                    Quota = quota,
                    Key = key,
                    IsOwn = (!reply.IsSuccess || key is not null) && _options.IsOwnAnswer(reply),
                    IsCredentialRefused = !isLeftOpen && _options.IsCredentialRefused(reply),
                };
                opened = isLeftOpen ? response : null;
                return sent with { Opened = opened };
            }
            catch (Exception exception)
            {
                // Whatever a handler, a decoder or a delegate of the options throws, the service may have the request.
                time.ThrowIfCallerLeft();
                return new Sent { Error = exception, MayHaveArrived = !IsBeforeSending(exception) && content?.HasBegun != false };
            }
            finally
            {
                if (hasSlot)
                {
                    _slots.Release();
                }

                if (opened is null)
                {
                    response?.Dispose();
                }
            }
        }
    }

    // Only what fails before a connection is there. "Unknown" and "ResponseEnded" are also what a killed server looks like.
    private static bool IsBeforeSending(Exception exception) => exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
    };

    private async Task<byte[]> ReadBodyAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            using MemoryStream body = new();
            var buffer = new byte[8192];
            while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var read)
            {
                if (body.Length + read > _options.MaxResponseBytes)
                {
                    throw new HttpRequestException(HttpRequestError.ConfigurationLimitExceeded, $"the answer is longer than {_options.MaxResponseBytes} bytes");
                }

                body.Write(buffer, 0, read);
            }

            return body.ToArray();
        }
    }

    /// <summary>Opens a text where a redirect leads: once, with nothing that is for the service.</summary>
    public async Task<Sent> OpenElsewhereAsync(Uri address, CallTime time)
    {
        HttpResponseMessage? response = null;
        var isOpened = false;
        using HttpRequestMessage request = new(HttpMethod.Get, address) { VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        request.Options.Set(HttpBackend.Operation, HttpOperations.Open);
        try
        {
            response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, time.Token).ConfigureAwait(false);
            isOpened = response.IsSuccessStatusCode;
            var body = isOpened ? [] : await ReadBodyAsync(response.Content, time.Token).ConfigureAwait(false);
            HttpReply reply = new(response, body, _options.TimeProvider.GetUtcNow());
            return new Sent { Reply = reply, Opened = isOpened ? response : null };
        }
        catch (Exception exception)
        {
            time.ThrowIfCallerLeft();
            return new Sent { Error = exception };
        }
        finally
        {
            if (!isOpened)
            {
                response?.Dispose();
            }
        }
    }

    public Uri AddressOf(Uri? address)
    {
        var full = address is null ? _baseAddress : new Uri(_baseAddress, address);
        return _baseAddress.IsBaseOf(full) && full.AbsolutePath.StartsWith(_baseAddress.AbsolutePath, StringComparison.Ordinal)
            ? full
            : throw new ArgumentException("The address of a request must be relative, and below the base address.", nameof(address));
    }

    private static CreateVerdict DefaultVerdict(Sent sent, HttpReply reply) =>
        sent.IsOwn && reply.StatusCode == HttpStatusCode.Forbidden && (sent.Quota.RetryAfter is not null || sent.Quota.Remaining == 0)
            ? CreateVerdict.TryLater
            : CreateVerdicts.Default(reply, sent.IsOwn);

    private HttpQuota QuotaOf(HttpReply reply) => _options.ReadQuota?.Invoke(reply) ?? HttpQuota.FromHeaders(reply);

    public string Excerpt(string? text)
    {
        var clean = Redactor.Redact(text).Trim();
        StringBuilder excerpt = new();
        foreach (var rune in clean.EnumerateRunes())
        {
            if (excerpt.Length >= MaxExcerpt)
            {
                return excerpt.Append('…').ToString();
            }

            excerpt.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }

        return excerpt.ToString();
    }
}
