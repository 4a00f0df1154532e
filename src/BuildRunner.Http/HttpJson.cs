using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace BuildRunner.Http;

/// <summary>
/// Provides requests with JSON, in the fewest words.
/// </summary>
public static class HttpJson
{
    /// <summary>
    /// Makes a POST with a body of JSON.
    /// </summary>
    /// <typeparam name="T">What is sent.</typeparam>
    /// <param name="address">The address, relative to <see cref="HttpBackendOptions.BaseAddress"/>.</param>
    /// <param name="content">What is sent.</param>
    /// <param name="type">How it is written, from a source-generated context.</param>
    /// <returns>The request.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="type"/> is <see langword="null"/>.</exception>
    public static HttpRequestMessage Post<T>(string address, T content, JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        StringContent body = new(JsonSerializer.Serialize(content, type), Encoding.UTF8, "application/json");
        return new(HttpMethod.Post, address) { Content = body };
    }

    /// <summary>
    /// Reads an address, as <see cref="HttpBackend.ReadAsync"/> does.
    /// </summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <param name="backend">The backend.</param>
    /// <param name="address">The address, relative to <see cref="HttpBackendOptions.BaseAddress"/>.</param>
    /// <param name="type">How the answer is read.</param>
    /// <param name="buildId">The build that the read is about, for exceptions; <see langword="null"/> if it is about several or
    /// none.</param>
    /// <param name="operation">What it is for: <see cref="HttpOperations.Read"/> or <see cref="HttpOperations.Check"/>.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>What was read, or <see langword="null"/> if the service itself says that it is not there.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="backend"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="operation"/> is another.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The credentials are refused, or lack a permission.</exception>
    /// <exception cref="BuildRunnerException">The read failed.</exception>
    public static async Task<T?> ReadAsync<T>(
        this HttpBackend backend,
        string address,
        JsonTypeInfo<T> type,
        BuildId? buildId = null,
        string operation = HttpOperations.Read,
        CancellationToken cancellationToken = default)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(backend);
        if (operation is not (HttpOperations.Read or HttpOperations.Check))
        {
            throw new ArgumentException("A read is for HttpOperations.Read or HttpOperations.Check.", nameof(operation));
        }

        using HttpRequestMessage request = new(HttpMethod.Get, address);
        request.Options.Set(HttpBackend.Operation, operation);
        return await backend.ReadAsync(request, type, buildId, cancellationToken).ConfigureAwait(false);
    }
}
