using System.Net.Sockets;
using System.Text;

namespace BuildRunner.AspNetCore.Tests.Fixtures;

/// <summary>A sender that writes what no client would.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly TcpClient _client = new();

    public static async Task<RawClient> ConnectAsync(WebhookApp app)
    {
        RawClient raw = new();
        await raw._client.ConnectAsync(app.Address.Host, app.Address.Port);
        return raw;
    }

    public async Task WriteAsync(string text) => await _client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text));

    public Task WriteHeadersAsync(params string[] headers) =>
        WriteAsync(string.Join("\r\n", ["POST /build-webhooks/ci HTTP/1.1", "Host: localhost", .. headers, "", ""]));

    /// <summary>Reads until the server has closed the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using StreamReader reader = new(_client.GetStream(), Encoding.UTF8, leaveOpen: true);
        StringBuilder text = new();
        try
        {
            while (await reader.ReadLineAsync().WaitAsync(WebhookApp.Safety) is { } line)
            {
                text.Append(line).Append('\n');
            }
        }
        catch (IOException)
        {
            // Closed with something unread on the other side.
        }

        return text.ToString();
    }

    public void Dispose() => _client.Dispose();
}
