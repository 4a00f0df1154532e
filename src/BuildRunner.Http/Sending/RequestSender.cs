using System.Net;

namespace BuildRunner.Http.Sending;

/// <summary>Sends single requests, and interprets their answers.</summary>
internal sealed partial class RequestSender : IDisposable
{
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

    /// <summary>Sends a create or a cancel when its turn comes. The time of the call begins then.</summary>
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

    /// <summary>Remembers an answer that could be read.</summary>
    public void Remember(Sent sent)
    {
        if (sent is { Key: { } key, Reply: { } reply, IsOwn: true })
        {
            _remembered!.Set(key, reply);
        }
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

            // The service's own refusal proves that nothing was done, so even a create may be sent again with another credential.
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

        var key = _remembered is not null && operation is HttpOperations.Read or HttpOperations.Check
            ? RememberedReplies.KeyOf(request)
            : null;
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
                // A handler, a decoder or a delegate of the options may throw after the service has received the request.
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

    // Only failures before a connection exists. "Unknown" and "ResponseEnded" are also the errors of a killed server.
    private static bool IsBeforeSending(Exception exception) => exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError
            or HttpRequestError.ConnectionError
            or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError,
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
                    throw new HttpRequestException(
                        HttpRequestError.ConfigurationLimitExceeded,
                        $"the answer is longer than {_options.MaxResponseBytes} bytes");
                }

                body.Write(buffer, 0, read);
            }

            return body.ToArray();
        }
    }

    /// <summary>Opens a text at the target of a redirect: once, with nothing that is meant for the service.</summary>
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

    private HttpQuota QuotaOf(HttpReply reply) => _options.ReadQuota?.Invoke(reply) ?? HttpQuota.FromHeaders(reply);
}
