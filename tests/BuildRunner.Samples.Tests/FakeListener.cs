using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BuildRunner.Samples.Tests;

/// <summary>A fake on the loopback address, without ASP.NET, which would keep libraries of the samples out of the output.</summary>
internal sealed class FakeListener<TService>(TService service) : IAsyncDisposable
    where TService : FakeService
{
    private readonly HttpListener _listener = new();
    private Task _serving = Task.CompletedTask;

    public TService Service => service;

    public Uri Address { get; } = new($"http://127.0.0.1:{FindPort()}/");

    public void Start()
    {
        _listener.Prefixes.Add(Address.AbsoluteUri);
        _listener.Start();
        _serving = ServeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private static int FindPort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                await AnswerAsync(await _listener.GetContextAsync());
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using StreamReader reader = new(context.Request.InputStream);
        var headers = context.Request.Headers.AllKeys.ToDictionary(static name => name!, name => context.Request.Headers[name]!,
            StringComparer.OrdinalIgnoreCase);

        // As it was sent: a name may have an escaped slash in it.
        Uri address = new(Address, context.Request.RawUrl);
        var reply = service.Handle(new FakeRequest(context.Request.HttpMethod, address, headers, await reader.ReadToEndAsync()));
        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = reply.ContentType;
        foreach (var (name, value) in reply.Headers.Where(static header => header.Key != "Date"))
        {
            context.Response.Headers[name] = value;
        }

        context.Response.Close(Encoding.UTF8.GetBytes(reply.Body), willBlock: true);
    }
}
