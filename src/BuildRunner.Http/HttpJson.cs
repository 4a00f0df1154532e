using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace BuildRunner.Http;

/// <summary>
/// Provides methods to send and read JSON.
/// </summary>
public static class HttpJson
{
    private const int PageSize = 100;

    /// <summary>
    /// Creates a POST request with a JSON body.
    /// </summary>
    /// <typeparam name="T">The type to send.</typeparam>
    /// <param name="address">The address, relative to <see cref="HttpBackendOptions.BaseAddress"/>.</param>
    /// <param name="content">The value to send.</param>
    /// <param name="type">The metadata for writing the type, from a source-generated context.</param>
    /// <returns>The request.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="type"/> is <see langword="null"/>.</exception>
    public static HttpRequestMessage Post<T>(string address, T content, JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        StringContent body = new(JsonSerializer.Serialize(content, type), Encoding.UTF8, "application/json");
        return new(HttpMethod.Post, address) { Content = body };
    }

    /// <summary>
    /// Reads JSON that did not come from <see cref="HttpBackend"/>, such as the body of a webhook.
    /// </summary>
    /// <typeparam name="T">The type to read.</typeparam>
    /// <param name="json">The JSON, in UTF-8.</param>
    /// <param name="type">The metadata for reading the type, from a source-generated context.</param>
    /// <returns>The value, or <see langword="null"/> if it is not JSON, does not match the type, or is <c>null</c>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="type"/> is <see langword="null"/>.</exception>
    public static T? Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(type);
        try
        {
            return JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// Reads an address as JSON, as <see cref="HttpBackend.ReadAsync"/> does.
    /// </summary>
    /// <typeparam name="T">The type to read.</typeparam>
    /// <param name="backend">The backend.</param>
    /// <param name="address">The address, relative to <see cref="HttpBackendOptions.BaseAddress"/>.</param>
    /// <param name="type">The metadata for reading the type.</param>
    /// <param name="buildId">The build that the read is about, for exceptions, or <see langword="null"/> for several builds or
    /// none.</param>
    /// <param name="operation">The operation: <see cref="HttpOperations.Read"/> or <see cref="HttpOperations.Check"/>.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>.</param>
    /// <returns>The value, or <see langword="null"/> if the service itself answers 404.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="backend"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="operation"/> is another operation.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The credentials are refused or lack a permission.</exception>
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
            throw new ArgumentException(
                $"'{operation}' does not read; use HttpOperations.Read or HttpOperations.Check.",
                nameof(operation));
        }

        using HttpRequestMessage request = new(HttpMethod.Get, address);
        request.Options.Set(HttpBackend.Operation, operation);
        return await backend.ReadAsync(request, type, buildId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Reads a list page by page, as it is enumerated: with <c>per_page</c> and <c>page</c>, until a page is not full.
    /// </summary>
    /// <typeparam name="T">The type of the items. Items that are <c>null</c> are left out.</typeparam>
    /// <param name="backend">The backend.</param>
    /// <param name="address">The address, relative to <see cref="HttpBackendOptions.BaseAddress"/>, with a query.</param>
    /// <param name="type">The metadata for reading a page.</param>
    /// <param name="missing">Creates the exception to throw if the service itself answers 404.</param>
    /// <param name="operation">The operation: <see cref="HttpOperations.Read"/> or <see cref="HttpOperations.Check"/>.</param>
    /// <param name="maxPages">The maximum number of pages of 100 items to read. The default is 20.</param>
    /// <param name="mayBeCut">Whether the list ends where the service refuses a page after the first, because it lists no further. The
    /// default is <see langword="false"/>, which makes it an error.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>.</param>
    /// <returns>The items.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="missing"/> is <see langword="null"/>.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The credentials are refused or lack a permission.</exception>
    /// <exception cref="BuildRunnerException">The read failed.</exception>
    public static async IAsyncEnumerable<T> ReadPagesAsync<T>(
        this HttpBackend backend,
        string address,
        JsonTypeInfo<IReadOnlyList<T?>> type,
        Func<BuildRunnerException> missing,
        string operation = HttpOperations.Read,
        int maxPages = 20,
        bool mayBeCut = false,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(missing);
        for (var (page, count) = (1, PageSize); page <= maxPages && count == PageSize; page++)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"{address}&per_page={PageSize}&page={page}");
            IReadOnlyList<T?> rows;
            try
            {
                rows = await backend.ReadAsync(path, type, buildId: null, operation, cancellationToken).ConfigureAwait(false)
                    ?? throw missing();
            }
            catch (BuildRunnerException exception)
                when (mayBeCut && page > 1 && exception is { IsTransient: false } and not BuildRunnerConfigurationException)
            {
                yield break;
            }

            count = rows.Count;
            foreach (var row in rows.OfType<T>())
            {
                yield return row;
            }
        }
    }
}
